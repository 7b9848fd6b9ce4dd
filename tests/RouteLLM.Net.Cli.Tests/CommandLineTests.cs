using System.CommandLine;

namespace RouteLLM.Cli.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("There is no command 'scroe'; did you mean 'score'? See 'routellm --help'.", "scroe")]
    [InlineData("There is no command 'dance'. See 'routellm --help'.", "dance")]
    [InlineData("There is no option '--ruter'; did you mean '--router'? See 'routellm score --help'.", "score", "--ruter", "builtin")]
    [InlineData("There is no option '--ruter'; did you mean '--router'? See 'routellm score --help'.", "score", "--ruter=builtin")]
    [InlineData("There is no option '--colour'. See 'routellm info --help'.", "info", "builtin", "--colour")]
    [InlineData("The argument 'b' is one too many. See 'routellm info --help'.", "info", "a", "b")]
    [InlineData("Required argument missing for option: '--router'. See 'routellm score --help'.", "score", "--router")]
    [InlineData("Option '--router' expects a single argument but 2 were provided. See 'routellm score --help'.", "score", "--router", "a", "--router", "b")]
    [InlineData("The scores and --json cannot both go to standard output; give --output or --json a file. See 'routellm score --help'.", "score", "--json", "-")]
    public async Task A_wrong_command_line_is_explained_in_one_line_and_the_exit_code_is_2(string message, params string[] args)
    {
        Assert.Equal(new ToolResult(2, "", $"error: {message}\n"), await Tool.RunAsync(args));
    }

    [Fact]
    public async Task Without_a_command_the_help_is_shown_on_standard_error()
    {
        ToolResult result = await Tool.RunAsync();

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("score", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_has_help_that_ends_in_examples_which_parse()
    {
        RootCommand root = CommandLine.CreateRoot(new Terminal(Stream.Null, Stream.Null, TextWriter.Null, false, false, false));

        Assert.NotEmpty(root.Subcommands);
        foreach (ToolCommand command in root.Subcommands.Cast<ToolCommand>())
        {
            ToolResult help = await Tool.RunAsync(command.Name, "--help");

            Assert.Equal((0, ""), (help.ExitCode, help.Error));
            Assert.Contains("--json", help.Output, StringComparison.Ordinal);
            Assert.NotEmpty(command.Examples);
            foreach (string example in command.Examples)
            {
                Assert.StartsWith(command.Name, example, StringComparison.Ordinal);
                Assert.Contains($"  routellm {example}\n", help.Output, StringComparison.Ordinal);
                Assert.Empty(root.Parse(example.Split(" | ")[0].Split(" < ")[0]).Errors);
            }
        }
    }
}
