using System.Text.Json;
using RouteLLM.Cli.Tests.Commands.Evaluating;

namespace RouteLLM.Cli.Tests.Commands;

public class CompareCommandTests
{
    [Fact]
    public async Task Each_router_is_compared_with_the_first_by_the_same_rows()
    {
        using var folder = new TemporaryFolder();
        string[] options = AnswerRows.Options(AnswerRows.Write(folder));

        ToolResult result = await Tool.RunAsync(["compare", "--router", "random", "length", "length:500", .. options, "--split", "eval", "--json", folder["out.json"]]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        JsonElement json = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(folder["out.json"]));
        Assert.Equal(["random", "length", "length:500"], json.GetProperty("routers").EnumerateArray().Select(static router => router.GetProperty("name").GetString()));
        JsonElement[] comparisons = [.. json.GetProperty("comparisons").EnumerateArray()];
        Assert.Equal(["length", "length:500"], comparisons.Select(static comparison => comparison.GetProperty("router").GetString()));
        JsonElement apgr = comparisons[0].GetProperty("overall").EnumerateArray().Single(static difference => difference.GetProperty("metric").GetString() == "apgr");
        Assert.Equal(0.875, apgr.GetProperty("value").GetDouble(), 12);
        Assert.Equal(apgr.GetProperty("value").GetDouble() - apgr.GetProperty("reference").GetDouble(), apgr.GetProperty("difference").GetDouble(), 12);
        Assert.True(apgr.GetProperty("interval").GetProperty("low").GetDouble() > 0);
        Assert.InRange(apgr.GetProperty("p_value").GetDouble(), 0, 0.05);
        Assert.Equal(["set", "set/even", "set/odd"], comparisons[0].GetProperty("sources").EnumerateArray().Select(static source => source.GetProperty("name").GetString()));

        Assert.Equal("router\tAPGR\tCPT50\tCPT80\tshare\tquality\tkept\tsaved\tECE", result.Lines[0]);
        Assert.Equal("router\tsource\tmeasure\tvalue\treference\tdifference\tfrom\tto\tp", result.Lines[4]);
        Assert.Contains(result.Lines, static line => line.StartsWith("length:500\toverall\tapgr\t0.875\t", StringComparison.Ordinal));
        Assert.DoesNotContain("set/even", result.Output, StringComparison.Ordinal);
        Assert.Contains("length\tset/even\tapgr\t", (await Tool.RunAsync(["compare", "--router", "random", "--router", "length", .. options, "--by-source"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_router_twice_makes_no_difference()
    {
        using var folder = new TemporaryFolder();

        ToolResult result = await Tool.RunAsync(["compare", "--router", "length", "length", .. AnswerRows.Options(AnswerRows.Write(folder)), "--json", "-"]);

        Assert.All(JsonSerializer.Deserialize<JsonElement>(result.Output).GetProperty("comparisons")[0].GetProperty("overall").EnumerateArray(), static difference =>
            Assert.Equal((0, 1), (difference.GetProperty("difference").GetDouble(), difference.GetProperty("p_value").GetDouble())));
    }

    [Fact]
    public async Task One_router_is_too_few_and_rows_without_scores_cannot_be_compared_by()
    {
        using var folder = new TemporaryFolder();
        string rated = folder.Write("rated.jsonl", "{\"id\":\"1\",\"prompt\":\"x\",\"p_strong\":0.5}\n{\"id\":\"2\",\"prompt\":\"y\",\"p_strong\":0.1}\n");

        ToolResult one = await Tool.RunAsync(["compare", "--router", "length", .. AnswerRows.Options(rated)]);
        ToolResult unscored = await Tool.RunAsync(["compare", "--router", "length", "random", .. AnswerRows.Options(rated)]);

        Assert.Equal(2, one.ExitCode);
        Assert.Contains("At least two routers", one.Error, StringComparison.Ordinal);
        Assert.Equal(1, unscored.ExitCode);
        Assert.Contains("nothing to compare by", unscored.Error, StringComparison.Ordinal);
    }
}
