using System.Text.Json;
using RouteLLM.Cli.Tests.Commands.Evaluating;

namespace RouteLLM.Cli.Tests.Commands;

public class ReportCommandTests
{
    [Fact]
    public async Task A_report_and_pictures_are_written_and_named()
    {
        using var folder = new TemporaryFolder();
        string report = folder["report.html"], pictures = folder["new/pictures"];

        ToolResult result = await Tool.RunAsync(["report", "--router", "length", "random", .. AnswerRows.Options(AnswerRows.Write(folder)), "--split", "eval", "--title", "Ours & <theirs>", "-o", report, "--pictures", pictures]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string html = File.ReadAllText(report);
        Assert.Contains("<title>Ours &amp; &lt;theirs&gt;</title>", html, StringComparison.Ordinal);
        Assert.Contains("Measured on rows.jsonl, split eval.", html, StringComparison.Ordinal);
        Assert.Contains("xxxx \\u003Cb\\u003E", html, StringComparison.Ordinal);
        string[] names = ["cost-quality", "reliability-1", "reliability-2", "win-probabilities-1", "win-probabilities-2"];
        Assert.Equal([.. names.SelectMany(static name => new[] { $"{name}.png", $"{name}.svg" })], Directory.GetFiles(pictures).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(report, result.Lines[0]);
        Assert.Equal(Directory.GetFiles(pictures).Order(StringComparer.Ordinal), result.Lines[1..].Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(pictures), static file => Assert.True(new FileInfo(file).Length > 1000));
    }

    [Fact]
    public async Task Prompts_can_be_left_out_and_the_report_go_to_standard_output()
    {
        using var folder = new TemporaryFolder();
        string[] options = AnswerRows.Options(AnswerRows.Write(folder));

        ToolResult result = await Tool.RunAsync(["report", "--router", "length", .. options, "--split", "eval", "--no-prompts", "-o", "-", "--json", folder["out.json"]]);

        Assert.StartsWith("<!DOCTYPE html>", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("xxxx", result.Output, StringComparison.Ordinal);
        Assert.Equal(64, JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(folder["out.json"])).GetProperty("rows").GetInt32());
        Assert.Equal(2, (await Tool.RunAsync(["report", .. options, "-o", "-", "--json", "-"])).ExitCode);
    }

    [Fact]
    public async Task An_older_report_stays_if_a_row_is_wrong()
    {
        using var folder = new TemporaryFolder();
        string report = folder.Write("report.html", "older"), rows = folder.Write("rows.jsonl", "{\"id\":\"1\",\"prompt\":\"x\",\"scores\":{\"big\":1,\"small\":7}}\n");

        ToolResult result = await Tool.RunAsync(["report", .. AnswerRows.Options(rows), "-o", report]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("rows.jsonl", result.Error, StringComparison.Ordinal);
        Assert.Equal("older", File.ReadAllText(report));
        Assert.Equal(["report.html", "rows.jsonl"], folder.FileNames);
    }
}
