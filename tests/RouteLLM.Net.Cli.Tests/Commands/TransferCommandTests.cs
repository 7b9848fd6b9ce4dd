using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Cli.Tests.Commands;

public class TransferCommandTests
{
    [Fact]
    public async Task What_is_learned_of_one_source_is_tested_on_the_others()
    {
        using var folder = new TemporaryFolder();
        string data = folder.Write("answers.jsonl", Rows("a/x", false) + Rows("a/y", false) + Rows("b", true));

        ToolResult result = await Tool.RunAsync("transfer", "--data", data, "--strong", "big", "--weak", "small", "--pairs", "--folds", "2", "--json", folder["t.json"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(6, result.Lines.Length);
        Assert.StartsWith("a\t80\tAPGR\t", result.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith("\tWORSE", result.Lines[2], StringComparison.Ordinal);
        Assert.Equal("trained on\ta\tb", result.Lines[3]);
        Assert.EndsWith("WORSE", result.Lines[4], StringComparison.Ordinal);
        JsonElement contents = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(folder["t.json"]));
        JsonElement b = contents.GetProperty("sources")[1];
        Assert.Equal(("b", "apgr", "worse_than_random"), (b.GetProperty("name").GetString(), b.GetProperty("left_out").GetProperty("measure").GetString(), b.GetProperty("left_out").GetProperty("verdict").GetString()));
        Assert.Equal(4, contents.GetProperty("pairs").GetArrayLength());
    }

    [Fact]
    public async Task What_cannot_be_studied_is_said()
    {
        using var folder = new TemporaryFolder();
        string data = folder.Write("answers.jsonl", Rows("a", false));

        ToolResult one = await Tool.RunAsync("transfer", "--data", data, "--strong", "big", "--weak", "small");
        ToolResult none = await Tool.RunAsync("transfer", "--data", data, "--strong", "big", "--weak", "small", "--split", "eval");

        Assert.Equal((1, 1), (one.ExitCode, none.ExitCode));
        Assert.Contains("add rows of another source", one.Error, StringComparison.Ordinal);
        Assert.Contains("--split", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_learning_curve_says_whether_more_labels_would_pay()
    {
        using var folder = new TemporaryFolder();
        string data = folder.Write("answers.jsonl", string.Concat(Enumerable.Range(0, 3).Select(static i => Rows($"s{i}", false))));
        string[] args = ["learning-curve", "--data", data, "--strong", "big", "--weak", "small", "--repetitions", "2", "--largest", "50"];

        ToolResult adapted = await Tool.RunAsync(args);
        ToolResult trained = await Tool.RunAsync([.. args, "--kind", "linear", "--json", "-"]);
        ToolResult refused = await Tool.RunAsync(["learning-curve", "--data", folder.Write("few.jsonl", Row("a", 0, true) + Row("a", 1, false)), "--strong", "big", "--weak", "small"]);

        Assert.Equal((0, ""), (adapted.ExitCode, adapted.Error));
        Assert.Equal(["0", "25", "50"], adapted.Lines[1..4].Select(static line => line.Split('\t')[0]));
        Assert.Contains("ore labels", adapted.Lines[^1], StringComparison.Ordinal);
        JsonElement contents = JsonSerializer.Deserialize<JsonElement>(trained.Output);
        Assert.Equal((120, "apgr", 2), (contents.GetProperty("rows").GetInt32(), contents.GetProperty("measure").GetString(), contents.GetProperty("points").GetArrayLength()));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("fewer than the smallest size", refused.Error, StringComparison.Ordinal);
    }

    private static string Rows(string source, bool turned) => string.Concat(Enumerable.Range(0, 40).Select(i => Row(source, i, i % 2 == 0 != turned)));

    private static string Row(string source, int i, bool strongWins)
    {
        string prompt = string.Create(CultureInfo.InvariantCulture, $"{(i % 2 == 0 ? "Prove theorem" : "Say hello to")} {source} {i}.");
        return $$$"""{"id":"{{{source}}}{{{i}}}","source":"{{{source}}}","prompt":"{{{prompt}}}","scores":{"big":{{{(strongWins ? 1 : 0)}}},"small":0}}""" + "\n";
    }
}
