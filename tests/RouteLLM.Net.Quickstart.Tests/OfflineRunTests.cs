using System.Globalization;
using System.Text.Json.Nodes;

namespace RouteLLM.Quickstart.Tests;

public class OfflineRunTests
{
    [Fact]
    public async Task Without_arguments_the_prompts_that_come_with_the_sample_are_routed_to_both_models()
    {
        SampleResult result = await SampleProcess.RunAsync([]);

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        int prompts = (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "prompts.jsonl"), TestContext.Current.CancellationToken)).Length;
        Assert.True(prompts >= 40);
        Assert.Equal(Enumerable.Range(1, prompts).Select(number => number.ToString()), result.Records.Select(record => record[0]));
        Assert.Equal(["strong", "weak"], result.Routes.Distinct().Order());
    }

    [Fact]
    public async Task Where_the_prompts_go_makes_sense_to_a_person()
    {
        SampleResult result = await SampleProcess.RunAsync([]);

        string[] lines = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "prompts.jsonl"), TestContext.Current.CancellationToken);
        ILookup<string, string> routes = lines
            .Select(line => (string)JsonNode.Parse(line)!["kind"]!)
            .Zip(result.Routes)
            .ToLookup(pair => pair.First.Split(',')[0], pair => pair.Second);
        Assert.All([.. routes["small talk"], .. routes["thanks"], .. routes["goodbye"], .. routes["typos"]], route => Assert.Equal("weak", route));
        Assert.All([.. routes["proof"], .. routes["system design"], .. routes["algorithms"], .. routes["statistics"]], route => Assert.Equal("strong", route));
    }

    [Fact]
    public async Task A_pipe_gets_plain_text_with_one_record_a_line()
    {
        SampleResult result = await SampleProcess.RunAsync([]);

        Assert.DoesNotContain('\e', result.Output);
        Assert.DoesNotContain('\r', result.Output);
        Assert.DoesNotContain(result.Output, character => character is >= '\u2500' and <= '\u259F');
        Assert.All(result.Records, record =>
        {
            Assert.Equal(6, record.Length);
            Assert.InRange(double.Parse(record[2], CultureInfo.InvariantCulture), 0, 1);
            Assert.True(double.Parse(record[3], CultureInfo.InvariantCulture) > 0);
            Assert.NotEmpty(record[4]);
        });
    }

    [Fact]
    public async Task Stand_ins_say_that_they_are_and_for_which_model()
    {
        SampleResult result = await SampleProcess.RunAsync(["--strong-model", "big", "--weak-model", "small"]);

        Assert.All(result.Records, record => Assert.StartsWith($"Stand-in for {(record[1] == "strong" ? "big" : "small")}: no model", record[5], StringComparison.Ordinal));
        Assert.StartsWith("offline stand-ins: no model is called", result.Fact("models"), StringComparison.Ordinal);
        Assert.Contains("estimated", result.Fact("tokens"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_summary_follows_from_the_records()
    {
        SampleResult result = await SampleProcess.RunAsync(["--strong-price", "2/0", "--weak-price", "1/0"]);

        int strong = result.Routes.Count(route => route == "strong");
        Assert.StartsWith($"{(double)strong / result.Records.Count:0.0%} ({strong} of {result.Records.Count} prompts", result.Fact("strong share"), StringComparison.Ordinal);

        // What is strong is what reaches the threshold.
        double threshold = double.Parse(result.Fact("threshold"), CultureInfo.InvariantCulture);
        Assert.All(result.Records, record => Assert.Equal(record[1] == "strong", double.Parse(record[2], CultureInfo.InvariantCulture) >= threshold - 0.00005));

        // With output free and the weak model at half the price, what is saved is half of the weak model's share of the input.
        Assert.Matches(@"^\$0\.\d+ instead of \$0\.\d+ with every prompt to gpt-4o$", result.Fact("cost"));
        double[] costs = [.. result.Fact("cost").Split(' ').Where(word => word[0] == '$').Select(word => double.Parse(word[1..], CultureInfo.InvariantCulture))];
        Assert.InRange(costs[0], costs[1] / 2, costs[1]);
        Assert.StartsWith($"{1 - (costs[0] / costs[1]):0.0%}"[..2], result.Fact("saving"), StringComparison.Ordinal);
        Assert.Contains($"over {result.Records.Count} decisions", result.Fact("decision time"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--strong-share", "1", "strong")]
    [InlineData("--strong-share", "0", "weak")]
    [InlineData("--threshold", "0", "strong")]
    public async Task The_share_or_the_threshold_decides(string option, string value, string route)
    {
        SampleResult result = await SampleProcess.RunAsync([option, value, "hi", "Prove the Riemann-Lebesgue lemma."]);

        Assert.Equal([route, route], result.Routes);
    }

    [Fact]
    public async Task Prompts_are_taken_from_the_arguments_whatever_they_begin_with()
    {
        SampleResult result = await SampleProcess.RunAsync(["hi", "[suggest] a name", "@ann hello", "- buy milk", "--", "--offline"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["hi", "[suggest] a name", "@ann hello", "- buy milk", "--offline"], result.Records.Select(record => record[4]));
    }

    [Theory]
    [InlineData]
    [InlineData("-")]
    public async Task Prompts_are_taken_from_standard_input(params string[] args)
    {
        SampleResult result = await SampleProcess.RunAsync(args, "Guten Morgen!\n\n   \n日本の首都は?\nlast line without end");

        Assert.Equal(["Guten Morgen!", "日本の首都は?", "last line without end"], result.Records.Select(record => record[4]));
    }

    [Fact]
    public async Task A_pipe_that_nobody_writes_to_does_not_keep_the_prompts_of_the_sample_from_being_routed()
    {
        await using SampleProcess process = SampleProcess.StartWithSilentInput();

        SampleResult result = await process.WaitAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.True(result.Records.Count >= 40);
        Assert.Contains("standard input was silent", result.Fact("prompts"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_wait_for_standard_input()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGINT to send to another process.");
        await using SampleProcess process = SampleProcess.StartWithSilentInput("-");

        await process.ReadOutputUntilAsync("prompt\tanswer\n");
        await process.InterruptAsync();
        SampleResult result = await process.WaitAsync();

        Assert.Equal(130, result.ExitCode);
        Assert.Equal("interrupted", result.Error.Trim());
    }

    [Fact]
    public async Task A_prompt_without_text_has_no_win_probability()
    {
        SampleResult result = await SampleProcess.RunAsync(["", "hi"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("-", result.Records[0][2]);
        Assert.NotEqual("-", result.Records[1][2]);
    }

    [Fact]
    public async Task Prompts_are_taken_from_a_file_of_lines_or_of_JSON_lines()
    {
        using var folder = new TemporaryFolder();
        string text = folder.Write("prompts.txt", "one\n\n{\"prompt\": \"two\"}\n");
        string json = folder.Write("prompts.JSONL", "{\"prompt\": \"one\\nline\", \"id\": 7}\n\n{\"prompt\": \"two\"}\n");

        Assert.Equal(["one", "{\"prompt\": \"two\"}"], (await SampleProcess.RunAsync(["--prompts", text])).Records.Select(record => record[4]));
        Assert.Equal(["one line", "two"], (await SampleProcess.RunAsync(["--prompts", json])).Records.Select(record => record[4]));
    }

    [Fact]
    public async Task A_prompt_cannot_steer_the_terminal()
    {
        SampleResult result = await SampleProcess.RunAsync(["red \e[31malert\a\u0000 \u202Eevil\u202C \u2028 end\r\n\tof text".Replace("\0", "")]);

        Assert.Equal(["red [31malert evil end of text"], result.Records.Select(record => record[4]));
    }
}
