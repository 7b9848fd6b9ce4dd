using System.Text.Json;

namespace RouteLLM.Cli.Tests;

/// <summary>What only shows in a real process, from a shell's point of view.</summary>
public class ToolProcessTests
{
    private const string Row = "{\"id\":1,\"prompt\":\"\u65e5\u672c\u8a9e\u3067\u8a3c\u660e\u3057\u3066\u304f\u3060\u3055\u3044\"}";

    [Fact]
    public async Task Standard_input_is_scored_to_standard_output_in_utf8()
    {
        ToolResult result = await ToolProcess.RunAsync(["score"], $"{Row}\n{{\"id\":\"\u00e9\",\"prompt\":\"hi\"}}\n");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("{\"id\":1,\"win_probability\":0.", result.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith("{\"id\":\"\u00e9\",\"win_probability\":0.", result.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompts_in_any_script_score_as_they_do_in_the_library()
    {
        string[] prompts = ["Beweise den Satz für \u00c4rzte.", "\u65e5\u672c\u8a9e\u3067\u8a3c\u660e", "\u0130STANBUL \ud83d\ude00", "e\u0301t\u00e9", "\uff26\uff35\uff2c\uff2c", "\u0395\u03bb\u03bb\u03ac\u03c2"];

        ToolResult result = await ToolProcess.RunAsync(["score"], string.Concat(prompts.Select(static (prompt, i) => $"{{\"id\":{i},\"prompt\":\"{prompt}\"}}\n")));

        Assert.Equal(prompts.Select(static prompt => BuiltInRouter.Create().PredictWinProbability(prompt)), result.Lines.Select(static line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("win_probability").GetDouble()));
    }

    [Fact]
    public async Task A_prompt_that_begins_with_an_at_sign_is_a_prompt()
    {
        using var folder = new TemporaryFolder();
        folder.Write("ann", "--nonsense");

        Assert.Equal((0, $"prompt\t@{folder["ann"]}"), await ToolProcess.RunAsync(["explain", $"@{folder["ann"]}"]) is var result ? (result.ExitCode, result.Lines[0]) : default);
    }

    [Theory]
    [InlineData(2, "There is no option '--ruter'", "score", "--ruter", "x")]
    [InlineData(2, "There is no command 'scroe'", "scroe")]
    [InlineData(1, "There is no file 'nowhere.jsonl'", "score", "--input", "nowhere.jsonl")]
    [InlineData(1, "There is no router or file 'nowhere.safetensors'", "info", "nowhere.safetensors")]
    public async Task Errors_are_one_line_on_standard_error_and_an_exit_code(int exitCode, string message, params string[] args)
    {
        ToolResult result = await ToolProcess.RunAsync(args);

        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.Contains(message, Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_the_packages()
    {
        Assert.Equal(new ToolResult(0, $"{typeof(CommandLine).Assembly.GetName().Version!.ToString(3)}\n", ""), await ToolProcess.RunAsync(["--version"]));
    }

    [Fact]
    public async Task Scores_come_while_the_input_is_still_open()
    {
        await using ToolProcess tool = ToolProcess.Start("score", "--router", "fixed:0.5");

        for (int i = 0; i < 3; i++)
        {
            await tool.Input.WriteLineAsync($"{{\"id\":{i},\"prompt\":\"x\"}}");
            await tool.Input.FlushAsync(TestContext.Current.CancellationToken);
            Assert.Equal($"{{\"id\":{i},\"win_probability\":0.5}}", await tool.Output.ReadLineAsync(TestContext.Current.CancellationToken));
        }

        tool.Input.Close();
        Assert.Equal(new ToolResult(0, "", ""), await tool.WaitAsync());
    }

    [Fact]
    public async Task A_closed_pipe_ends_the_tool_quietly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows .NET's own stream of standard output is used, which does not tell.");
        await using ToolProcess tool = ToolProcess.Start("score");
        await tool.Input.WriteLineAsync(Row);
        await tool.Input.FlushAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(await tool.Output.ReadLineAsync(TestContext.Current.CancellationToken));
        tool.Output.Close();

        // The input never ends; the tool does.
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await tool.Input.WriteLineAsync(Row);
            }
        });

        Assert.Equal(new ToolResult(0, "", ""), await tool.WaitAsync(readOutput: false));
    }

    [Fact]
    public async Task Ctrl_C_ends_the_tool_with_130_and_leaves_no_file_behind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no signal to send.");
        using var folder = new TemporaryFolder();
        var begun = new TaskCompletionSource();
        using var watcher = new FileSystemWatcher(folder.Path) { EnableRaisingEvents = true };
        watcher.Created += (_, _) => begun.TrySetResult();
        await using ToolProcess tool = ToolProcess.Start("score", "--output", folder["out.jsonl"]);
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);

        await tool.InterruptAsync();

        Assert.Equal(new ToolResult(130, "", "interrupted\n"), await tool.WaitAsync());
        Assert.Empty(folder.FileNames);
    }
}
