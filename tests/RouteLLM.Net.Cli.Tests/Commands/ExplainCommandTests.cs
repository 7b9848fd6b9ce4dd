using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RouteLLM.Cli.Tests.Commands;

public class ExplainCommandTests
{
    private const char Escape = '\e';

    [Fact]
    public async Task In_a_pipe_the_sums_and_contributions_are_tabbed_lines_without_escapes()
    {
        PredictionExplanation expected = BuiltInRouter.Create().Explain("Prove it.");

        ToolResult result = await Tool.RunAsync("explain", "--top", "3", "Prove it.");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.DoesNotContain(Escape, result.Output);
        Assert.Equal("prompt\tProve it.", result.Lines[0]);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"win probability\t{expected.WinProbability:0.0000}"), result.Lines[1]);
        Assert.Equal("weight\tspeaks for\tof\tfeature", result.Lines[6]);
        Assert.Equal(expected.Contributions.Take(3).Select(static contribution => contribution.Description), result.Lines[7..].Select(static line => line.Split('\t')[3]));
    }

    [Theory]
    [InlineData("Prove that there are infinitely many primes.", true, "\e[1;38;5;2m")]
    [InlineData("thanks", false, "\e[1;38;5;9m")]
    public async Task On_a_terminal_words_are_coloured_by_what_they_say(string prompt, bool isForStrong, string style)
    {
        WordContribution weightiest = BuiltInRouter.Create().Explain(prompt).Words.MaxBy(static word => Math.Abs(word.Weight));

        ToolResult result = await Tool.RunAsync(["explain", prompt], "", draws: true);

        Assert.Equal(isForStrong, weightiest.Weight > 0);
        Assert.Contains($"{style}{prompt.AsSpan(weightiest.Span.Start, weightiest.Span.Length)}\e[0m", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NO_COLOR_is_respected()
    {
        ToolResult result = await Tool.RunAsync(["explain", "Prove that this is hard, thanks"], "", draws: true, environment: new() { ["TERM"] = "xterm-256color", ["NO_COLOR"] = "1" });

        Assert.DoesNotContain("38;5", result.Output, StringComparison.Ordinal);
        Assert.Contains("Prove", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prompt_cannot_command_the_terminal_and_is_no_markup()
    {
        ToolResult result = await Tool.RunAsync(["explain", "clear\e[2J [red]this[/] \u0007 [oops"], "", draws: true);

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("\e[2J", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0007', result.Output);
        Assert.Contains("[red]this[/]", Regex.Replace(result.Output, "\e\\[[0-9;]*m", ""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@response.rsp")]
    [InlineData("[draft] Prove it")]
    [InlineData("- a list item")]
    [InlineData("$(rm)")]
    [InlineData("\u65e5\u672c\u8a9e \ud83d\ude00")]
    [InlineData("score")]
    public async Task Prompts_are_taken_as_they_are(string prompt)
    {
        ToolResult result = await Tool.RunAsync("explain", prompt);

        Assert.Equal((0, $"prompt\t{prompt}"), (result.ExitCode, result.Lines[0]));
    }

    [Theory]
    [InlineData("--rooter", "There is no option '--rooter'; did you mean '--router'? A prompt that begins with a dash goes after --. See 'routellm explain --help'.")]
    [InlineData("-x", "There is no option '-x'. A prompt that begins with a dash goes after --. See 'routellm explain --help'.")]
    public async Task A_misspelt_option_is_no_prompt_unless_after_two_dashes(string token, string message)
    {
        Assert.Equal(new ToolResult(2, "", $"error: {message}\n"), await Tool.RunAsync("explain", token, "hi"));
        Assert.Equal((0, $"prompt\t{token}"), await Tool.RunAsync("explain", "--", token, "hi") is var result ? (result.ExitCode, result.Lines[0]) : default);
    }

    [Fact]
    public async Task Prompts_come_from_standard_input_or_a_file()
    {
        using var folder = new TemporaryFolder();
        string lines = folder.Write("prompts.txt", "one\n\ntwo\n"), rows = folder.WritePacked("prompts.jsonl.gz", "{\"prompt\": \"three\\nlines\"}\n");

        Assert.Equal(["one", "two"], Prompts(await Tool.RunAsync(["explain"], "one\r\n\r\ntwo")));
        Assert.Equal(["one"], Prompts(await Tool.RunAsync(["explain", "-"], "one")));
        Assert.Equal(["one", "two"], Prompts(await Tool.RunAsync("explain", "--prompts", lines)));
        Assert.Equal(["three lines"], Prompts(await Tool.RunAsync("explain", "--prompts", rows)));

        static IEnumerable<string> Prompts(ToolResult result) => result.Lines.Where(static line => line.StartsWith("prompt\t", StringComparison.Ordinal)).Select(static line => line[7..]);
    }

    [Fact]
    public async Task Prompts_that_are_missing_or_given_twice_are_errors()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("prompts.txt", "one");

        Assert.Equal(2, (await Tool.RunAsync("explain", "--prompts", file, "two")).ExitCode);
        Assert.Equal("error: Give a prompt, or - to type prompts, one a line. See 'routellm explain --help'.\n", (await Tool.RunAsync(["explain"], "", types: true)).Error);
        Assert.Equal("error: There are no prompts in standard input; one a line is expected.\n", (await Tool.RunAsync(["explain"], "\n \n")).Error);
        Assert.Contains("none.gz, line 1: the packed file is damaged", (await Tool.RunAsync("explain", "--prompts", folder.Write("none.gz", "plain"))).Error, StringComparison.Ordinal);
        Assert.Contains("rows.jsonl, line 2: the property \"prompt\" is missing", (await Tool.RunAsync("explain", "--prompts", folder.Write("rows.jsonl", "{\"prompt\":\"x\"}\n{}"))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_json_the_parts_add_up_to_the_score()
    {
        ToolResult result = await Tool.RunAsync("explain", "--json", "-", "Prove that 2 + 2 = 4.", "hi");

        JsonElement[] explanations = [.. JsonSerializer.Deserialize<JsonElement>(result.Output).GetProperty("explanations").EnumerateArray()];
        Assert.Equal(2, explanations.Length);
        Assert.All(explanations, static explanation =>
        {
            double score = explanation.GetProperty("score").GetDouble(), bias = explanation.GetProperty("bias").GetDouble();
            Assert.Equal(score, bias + Sum(explanation.GetProperty("contributions")), 3);
            Assert.Equal(score, bias + explanation.GetProperty("shape_weight").GetDouble() + Sum(explanation.GetProperty("words")), 3);
        });
        Assert.Equal("Prove", explanations[0].GetProperty("words")[0].GetProperty("text").GetString());

        static double Sum(JsonElement parts) => parts.EnumerateArray().Sum(static part => part.GetProperty("weight").GetDouble());
    }

    [Fact]
    public async Task Routers_over_battles_name_the_nearest_ones()
    {
        using var folder = new TemporaryFolder();
        string index = Indexes.Save(folder["index.safetensors"]);

        ToolResult result = await Tool.RunAsync("explain", "--router", index, "--strong", "big", "--weak", "small", "--top", "1", "prove the theorem");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("similarity\tshare\twinner\tbattle\tprompt", result.Lines[2]);
        Assert.EndsWith("big\tbig - small\tprove the theorem", Assert.Single(result.Lines[3..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_that_cannot_explain_says_which_can()
    {
        Assert.StartsWith("error: The router 'random' cannot say what made its scores; the built-in router", (await Tool.RunAsync("explain", "--router", "random", "hi")).Error, StringComparison.Ordinal);
    }
}
