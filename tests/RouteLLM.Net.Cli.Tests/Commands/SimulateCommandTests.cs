using System.Text.Json;

namespace RouteLLM.Cli.Tests.Commands;

public class SimulateCommandTests
{
    private const string Log = """
        {"route":"strong","win_probability":0.9,"prompt":"a long hard prompt","cost":0.02,"latency_ms":900}
        {"route":"strong","win_probability":0.4,"prompt":"thanks","cost":0.02,"latency_ms":700}
        {"route":"weak","win_probability":0.3,"prompt":"hi","cost":0.001,"latency_ms":100}
        {"route":"weak","win_probability":0.6,"prompt":"a prompt of some length","cost":0.003,"latency_ms":300}

        """;

    [Fact]
    public async Task Logged_win_probabilities_are_compared_with_other_thresholds()
    {
        using var folder = new TemporaryFolder();

        ToolResult result = await Tool.RunAsync("simulate", "--log", folder.WritePacked("log.jsonl.gz", Log), "--threshold", "0.5", "0.95", "--examples", "1");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("rule\tthreshold\tstrong share\tto strong\tto weak\tUSD per 1,000\tsaved\tlatency ms\tquality", result.Lines[0]);
        Assert.Equal("as logged\t-\t0.500\t0\t0\t11.0000\t45.0%\t500\t-", result.Lines[1]);
        Assert.Equal("always strong\t-\t1.000\t2\t0\t20.0000\t0.0%\t800\t-", result.Lines[2]);
        Assert.Equal("always weak\t-\t0.000\t0\t2\t2.0000\t90.0%\t200\t-", result.Lines[3]);
        Assert.Equal("threshold\t0.5000\t0.500\t1\t1\t10.7500\t46.3%\t500\t-", result.Lines[4]);
        Assert.StartsWith("threshold\t0.9500\t0.000\t0\t2\t", result.Lines[5], StringComparison.Ordinal);
        Assert.EndsWith("line 4\ta prompt of some length", result.Lines[7], StringComparison.Ordinal);
        Assert.Contains("log must hold prompts", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_with_prompts_goes_through_a_router_at_a_strong_share()
    {
        using var folder = new TemporaryFolder();

        ToolResult result = await Tool.RunAsync("simulate", "--log", folder.Write("log.jsonl", Log), "--router", "length", "--strong-share", "0.25", "--json", "-");

        JsonElement contents = JsonSerializer.Deserialize<JsonElement>(result.Output);
        JsonElement point = Assert.Single(contents.GetProperty("points").EnumerateArray());
        Assert.Equal((0.25, 0.25), (point.GetProperty("strong_share").GetDouble(), point.GetProperty("wanted_strong_share").GetDouble()));
        Assert.Equal((1, 2), (point.GetProperty("moved_to_strong").GetInt32(), point.GetProperty("moved_to_weak").GetInt32()));
        Assert.Equal("a prompt of some length", point.GetProperty("examples")[0].GetProperty("prompt").GetString());
        Assert.Equal((4, "length"), (contents.GetProperty("requests").GetInt32(), contents.GetProperty("router").GetString()));
    }

    [Fact]
    public async Task Prompts_are_simulated_with_prices_and_scores()
    {
        using var folder = new TemporaryFolder();
        string prompts = folder.Write("prompts.csv", "id,prompt,scores.big,scores.small\n1,aaaaaaaa,1,0\n2,aaaa,1,1\n");

        ToolResult result = await Tool.RunAsync(
            "simulate", "--prompts", prompts, "--router", "length:8", "--threshold", "0.75", "--strong", "big", "--weak", "small", "--output-tokens", "100", "--strong-price", "10/30", "--weak-price", "1/3");

        Assert.Equal(0, result.ExitCode);

        // 2 and 1 tokens in, 100 out: 3020 and 301 millionths.
        Assert.Equal("threshold\t0.7500\t0.500\t0\t0\t1.6605\t44.9%\t-\t1.0000", result.Lines[3]);
        Assert.Contains("estimated from the prompts' length", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_cut_short_fails_with_its_place_or_is_skipped_and_counted()
    {
        using var folder = new TemporaryFolder();
        string log = folder.Write("log.jsonl", Log + "{\"route\":\"str");

        ToolResult refused = await Tool.RunAsync("simulate", "--log", log, "--threshold", "0.5");
        ToolResult skipped = await Tool.RunAsync("simulate", "--log", log, "--strong-share", "0.5", "--skip-invalid");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("log.jsonl, line 5, column", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, skipped.ExitCode);
        Assert.Contains("1 lines are no decisions", skipped.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "either --log or --prompts", "--threshold", "0.5")]
    [InlineData(2, "what to simulate", "--log", "log.jsonl")]
    [InlineData(2, "read twice", "--log", "-", "--strong-share", "0.5")]
    [InlineData(2, "two prices", "--log", "-", "--threshold", "0.5", "--strong-price", "10")]
    [InlineData(2, "two prices", "--log", "-", "--threshold", "0.5", "--strong-price", "-1/3")]
    [InlineData(2, "same name", "--log", "-", "--threshold", "0.5", "--weak-route", "strong")]
    [InlineData(1, "There is no file", "--log", "nowhere.jsonl", "--threshold", "0.5")]
    [InlineData(1, "no requests", "--log", "-", "--threshold", "0.5")]
    public async Task What_is_wrong_is_said(int exitCode, string problem, params string[] args)
    {
        ToolResult result = await Tool.RunAsync(["simulate", .. args], "");
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
    }
}
