using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Cli.Tests.Commands;

public class CalibrateCommandTests
{
    [Fact]
    public async Task A_share_of_prompts_is_the_quantile_and_the_file_serves_as_options()
    {
        using var folder = new TemporaryFolder();
        string[] prompts = [.. Enumerable.Range(0, 200).Select(static i => $"Prove statement {i} about groups of order {i * i}.")];
        string input = folder.Write("prompts.jsonl", string.Concat(prompts.Select(static prompt => $"{{\"prompt\": {JsonSerializer.Serialize(prompt)}}}\n")) + "\n{\"prompt\": \" \"}\n");

        ToolResult result = await Tool.RunAsync("calibrate", "--router", "builtin", "--input", input, "--strong-share", "0.3", "--output", folder["calibration.json"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        RouterCalibration calibration = RouterCalibration.Load(folder["calibration.json"]);
        var router = BuiltInRouter.Create();
        Assert.Equal(ThresholdCalibrator.ForStrongShare(prompts.Select(prompt => router.PredictWinProbability(prompt)), 0.3), calibration.Chosen.Threshold);
        calibration.ThrowIfNotFor(router);
        Assert.Equal([CalibrationData.OfFile(input, 200)], calibration.Data);
        Assert.StartsWith("threshold\tstrong share\t\n0.0000\t100.0 %\t\n", result.Output, StringComparison.Ordinal);
        Assert.Single(result.Lines, static line => line.EndsWith("\t30.0 %\tchosen", StringComparison.Ordinal));
        Assert.Equal("never\t0.0 %\t", result.Lines[^1]);
    }

    [Fact]
    public async Task Standard_input_is_read_and_json_is_what_the_file_holds()
    {
        using var folder = new TemporaryFolder();
        ToolResult result = await Tool.RunAsync(["calibrate", "--router", "fixed:0.5", "--input", "-", "--strong-share", "0.3", "--json", "-", "-o", folder["c.json"]], "{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(File.ReadAllText(folder["c.json"]), RouterCalibration.Parse(result.Output).ToJson() + "\n");
        Assert.Equal([new CalibrationData("standard input", 2)], RouterCalibration.Parse(result.Output).Data);
        Assert.Contains("note: The router gives every request the same win probability", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1005/month")]
    [InlineData("$2.01/thousand")]
    [InlineData("2.01/1000")]
    public async Task A_budget_takes_prices_and_tokens(string budget)
    {
        using var folder = new TemporaryFolder();
        ToolResult result = await Tool.RunAsync(
            "calibrate", "--router", "length:1000", "--input", folder.Write("p.jsonl", Prompts(1000)), "--strong", "big/model:1", "--weak", "small", "--budget", budget, "--requests", "500000",
            "--prices", "big/model:1=2/8,weak=0.1/0.4", "--input-tokens", "1000", "--output-tokens", "500");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("threshold\tstrong share\tsaving\tUSD / 1,000\t", result.Lines[0]);
        Assert.Contains("\t30.0 %\t66.5 %\t2.01\tchosen", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quality_is_promised_from_labelled_rows_by_group()
    {
        using var folder = new TemporaryFolder();
        ToolResult result = await Tool.RunAsync(
            "calibrate", "--router", "length:1000", "--data", folder.Write("rows.jsonl", Rows(2000)), "--split", "eval", "--strong", "big", "--weak", "small", "--keep-quality", "0.95", "--by", "lang", "--output", folder["c.json"]);

        Assert.Equal(0, result.ExitCode);
        RouterCalibration calibration = RouterCalibration.Load(folder["c.json"]);
        Assert.Equal((1000, 1000), (calibration.Rows, calibration.Data[0].Rows));
        Assert.Equal(CalibrationTarget.ForQuality(0.95), calibration.Target);
        Assert.InRange(calibration.Chosen.QualityKept!.Value, 0.95, 1);
        Assert.InRange(calibration.Chosen.StrongShare, 0.1, 0.9);
        Assert.Equal(["en", "ja"], calibration.Groups.Keys);
        Assert.Contains(result.Lines, static line => line.StartsWith("lang\trows\tthreshold\t", StringComparison.Ordinal) && line.EndsWith("promised by itself", StringComparison.Ordinal));
        Assert.Contains(result.Lines, static line => line.StartsWith("ja\t500\t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Data_that_cannot_support_the_promise_fail_and_an_older_file_stays()
    {
        using var folder = new TemporaryFolder();
        string output = folder.Write("c.json", "older");
        ToolResult result = await Tool.RunAsync(
            "calibrate", "--router", "length:1000", "--data", folder.Write("rows.jsonl", Rows(40)), "--strong", "big", "--weak", "small", "--keep-quality", "0.95", "--output", output);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The data cannot support the promise to keep at least 95% of the strong model's quality, with 95% confidence. No calibration was written.", result.Error, StringComparison.Ordinal);
        Assert.Contains("It takes at least", result.Error, StringComparison.Ordinal);
        Assert.Contains("quality kept", result.Output, StringComparison.Ordinal);
        Assert.Equal("older", File.ReadAllText(output));
    }

    [Fact]
    public async Task A_week_of_a_decision_log_is_calibrated_on_by_tenant()
    {
        using var folder = new TemporaryFolder();
        string log = folder.Write("log.jsonl", string.Concat(Enumerable.Range(0, 1000).Select(static i => string.Create(
            CultureInfo.InvariantCulture, $"{{\"time\":\"2026-01-{1 + (i / 50):00}T00:00:00Z\",\"win_probability\":{i / 1000.0},\"tenant\":\"{(i % 2 == 0 ? "a" : "b")}\",\"other\":true}}\n"))));

        ToolResult result = await Tool.RunAsync("calibrate", "--router", "fixed:0.5", "--log", log, "--days", "7", "--strong-share", "0.5", "--by", "tenant", "--json", "-");

        Assert.Equal(0, result.ExitCode);
        RouterCalibration calibration = RouterCalibration.Parse(result.Output);

        // The last day is the 20th; the 13th is still a week ago.
        Assert.Equal(400, calibration.Rows);
        Assert.Equal(0.7995, calibration.Chosen.Threshold, 12);
        Assert.Equal(("tenant", 2), (calibration.GroupedBy, calibration.Groups.Count));
    }

    [Theory]
    [InlineData("Say what to calibrate on", "--strong-share", "0.3")]
    [InlineData("Say what to calibrate to", "--input", "x.jsonl")]
    [InlineData("--strong-share and --keep-quality are both given", "--input", "x.jsonl", "--strong-share", "0.3", "--keep-quality", "0.9")]
    [InlineData("--input and --log are both given", "--input", "x.jsonl", "--log", "y.jsonl", "--strong-share", "0.3")]
    [InlineData("--strong-share is '30'", "--input", "x.jsonl", "--strong-share", "30")]
    [InlineData("--keep-quality is '95'", "--data", "x.jsonl", "--keep-quality", "95")]
    [InlineData("--confidence is '1'", "--data", "x.jsonl", "--keep-quality", "0.95", "--confidence", "1")]
    [InlineData("--confidence belongs to --keep-quality", "--input", "x.jsonl", "--strong-share", "0.3", "--confidence", "0.9")]
    [InlineData("--budget is '500'", "--input", "x.jsonl", "--budget", "500")]
    [InlineData("--budget is '5/year'", "--input", "x.jsonl", "--budget", "5/year")]
    [InlineData("needs --requests", "--input", "x.jsonl", "--budget", "500/month")]
    [InlineData("--by is 'tenant'", "--input", "x.jsonl", "--strong-share", "0.3", "--by", "tenant")]
    [InlineData("--days belongs to --log", "--input", "x.jsonl", "--strong-share", "0.3", "--days", "7")]
    [InlineData("--split belongs to --data", "--input", "x.jsonl", "--strong-share", "0.3", "--split", "eval")]
    [InlineData("--output needs a file", "--input", "x.jsonl", "--strong-share", "0.3", "--output", "-")]
    public async Task A_wrong_command_line_is_said_to_be(string problem, params string[] args)
    {
        ToolResult result = await Tool.RunAsync(["calibrate", .. args]);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no file", "--input", "missing.jsonl", "--strong-share", "0.3")]
    [InlineData("There is no file", "--data", "missing.jsonl", "--strong-share", "0.3")]
    [InlineData("There is no file", "--log", "missing.jsonl", "--strong-share", "0.3")]
    [InlineData("There are no rows", "--input", "-", "--strong-share", "0.3")]
    [InlineData("known of 0 of", "--input", "-", "--budget", "1/thousand")]
    [InlineData("no score of \"strong\"", "--input", "-", "--keep-quality", "0.95")]
    public async Task What_cannot_be_done_is_said_and_why(string problem, params string[] args)
    {
        ToolResult result = await Tool.RunAsync(["calibrate", "--router", "fixed:0.5", .. args], problem == "There are no rows" ? "" : "{\"prompt\":\"x\"}\n");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_without_times_and_a_faulty_line_are_errors()
    {
        using var folder = new TemporaryFolder();
        string log = folder.Write("log.jsonl", "{\"score\":0.1}\n{\"score\":0.2}\n");
        Assert.Contains("have no time", (await Tool.RunAsync("calibrate", "--log", log, "--days", "7", "--strong-share", "0.3")).Error, StringComparison.Ordinal);
        string faulty = folder.Write("faulty.jsonl", "{\"prompt\":\"x\"}\n{\"prompt\":5}\n");
        Assert.Contains("faulty.jsonl, line 2", (await Tool.RunAsync("calibrate", "--input", faulty, "--strong-share", "0.3")).Error, StringComparison.Ordinal);
    }

    private static string Prompts(int count) => string.Concat(Enumerable.Range(1, count).Select(static i => $"{{\"prompt\":\"{new string('x', i)}\"}}\n"));

    // The longer the prompt, the more often the small model is wrong.
    private static string Rows(int count) => string.Concat(Enumerable.Range(0, count).Select(i =>
        $"{{\"id\":\"{i}\",\"split\":\"{(i % 2 == 0 ? "eval" : "train")}\",\"lang\":\"{(i % 4 < 2 ? "en" : "ja")}\",\"prompt\":\"{new string('x', 1 + (i * 997 % 1000))}\",\"scores\":{{\"big\":1,\"small\":{(i * 997 % 1000 > 600 && i % 3 > 0 ? 0 : 1)}}}}}\n"));
}
