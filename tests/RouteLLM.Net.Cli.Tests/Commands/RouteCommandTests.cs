using System.Text.Json;

namespace RouteLLM.Cli.Tests.Commands;

public class RouteCommandTests
{
    [Fact]
    public async Task Decisions_are_shown_as_the_policy_makes_them()
    {
        ToolResult result = await Tool.RunAsync("route", "--router", "length:10", "--threshold", "0.5", "thanks", "five!", "a prompt of\ttwo\nlines", "four");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(
            ["route\twin probability\tthreshold\treason\tprompt", "strong\t0.6000\t0.5000\tthreshold\tthanks", "strong\t0.5000\t0.5000\tthreshold\tfive!", "strong\t1.0000\t0.5000\tthreshold\ta prompt of two lines", "weak\t0.4000\t0.5000\tthreshold\tfour"],
            result.Lines);
    }

    [Fact]
    public async Task A_strong_share_takes_the_routers_own_quantiles()
    {
        ToolResult result = await Tool.RunAsync("route", "--strong-share", "0.3", "--json", "-", "thanks!");

        JsonElement contents = JsonSerializer.Deserialize<JsonElement>(result.Output);
        double threshold = BuiltInRouter.Create().GetService<ScoreQuantiles>()!.ThresholdForStrongShare(0.3);
        Assert.Equal((threshold, 0), (contents.GetProperty("threshold").GetDouble(), contents.GetProperty("strong_share").GetDouble()));
        JsonElement decision = Assert.Single(contents.GetProperty("decisions").EnumerateArray());
        Assert.Equal(("weak", "threshold", "thanks!"), (decision.GetProperty("route").GetString(), decision.GetProperty("reason").GetString(), decision.GetProperty("prompt").GetString()));
    }

    [Fact]
    public async Task On_a_terminal_long_prompts_are_cut_between_characters_and_strong_ones_counted()
    {
        ToolResult result = await Tool.RunAsync(["route", "--router", "always-strong", "--threshold", "0.5", string.Concat(Enumerable.Repeat("👩‍👩‍👧 ", 20))], "", draws: true, environment: new() { ["NO_COLOR"] = "1", ["TERM"] = "dumb" });

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("…", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', result.Output);
        Assert.Contains("1 of 1 to the strong model", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blank_text_in_a_file_of_rows_has_no_text_to_score()
    {
        using var folder = new TemporaryFolder();
        string prompts = folder.Write("prompts.jsonl", """{"prompt":" "}""");

        ToolResult result = await Tool.RunAsync("route", "--threshold", "0.5", "--prompts", prompts);

        Assert.Contains("strong\t-\t-\tno-text\t ", result.Lines);
    }

    [Theory]
    [InlineData(2, "not both", "--threshold", "0.5", "--strong-share", "0.5")]
    [InlineData(2, "--threshold is '1.5'", "--threshold", "1.5")]
    [InlineData(2, "--strong-share is 'NaN'", "--strong-share", "NaN")]
    [InlineData(1, "set a Threshold instead", "--router", "length")]
    [InlineData(1, "There is no router", "--router", "nowhere.safetensors")]
    public async Task What_is_wrong_is_said(int exitCode, string problem, params string[] args)
    {
        ToolResult result = await Tool.RunAsync(["route", .. args, "a prompt"]);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
    }
}
