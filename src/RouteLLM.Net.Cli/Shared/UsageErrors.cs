using System.CommandLine;

namespace RouteLLM.Cli;

/// <summary>Says on standard error what is wrong with a command line, and what was perhaps meant.</summary>
internal static class UsageErrors
{
    public static void Write(ParseResult result, Terminal terminal)
    {
        Command command = result.CommandResult.Command;
        if (result.Tokens.Count == 0)
        {
            new System.CommandLine.Help.HelpAction().Invoke(WithOutput(result, terminal.Error));
            return;
        }

        // A misspelt option leaves its value without one, and perhaps a required option missing: only the first mistake is sure to be one.
        Write(result.UnmatchedTokens is [var unknown, ..] ? DescribeUnknown(unknown, command) : result.Errors[0].Message, command, terminal);
    }

    public static void Write(string problem, Command command, Terminal terminal)
    {
        string help = command is RootCommand ? "routellm --help" : $"routellm {command.Name} --help";
        terminal.Error.WriteLine($"error: {string.Join(' ', problem.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))} See '{help}'.");
    }

    /// <summary>Describes what no option, argument or command could take.</summary>
    public static string DescribeUnknown(string token, Command command)
    {
        bool isOption = token.StartsWith('-');
        IEnumerable<string> names = isOption
            ? command.Options.Concat(command.Parents.OfType<Command>().SelectMany(static parent => parent.Options.Where(static option => option.Recursive))).Where(static option => !option.Hidden).Select(static option => option.Name)
            : command.Subcommands.Select(static subcommand => subcommand.Name);
        string name = token.Split('=', ':')[0];
        string? meant = names.Where(candidate => Distance(candidate, name) <= name.Trim('-').Length / 2).MinBy(candidate => Distance(candidate, name));
        string problem = isOption ? $"There is no option '{name}'" : command.Subcommands.Count > 0 ? $"There is no command '{token}'" : $"The argument '{token}' is one too many";
        return meant is null ? $"{problem}." : $"{problem}; did you mean '{meant}'?";
    }

    private static ParseResult WithOutput(ParseResult result, TextWriter output)
    {
        result.InvocationConfiguration.Output = output;
        return result;
    }

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string left, string right)
    {
        int[] previous = [.. Enumerable.Range(0, right.Length + 1)];
        foreach ((int i, char c) in left.Index())
        {
            int diagonal = previous[0];
            previous[0] = i + 1;
            for (int j = 0; j < right.Length; j++)
            {
                int replaced = diagonal + (c == right[j] ? 0 : 1);
                diagonal = previous[j + 1];
                previous[j + 1] = Math.Min(replaced, Math.Min(previous[j], diagonal) + 1);
            }
        }

        return previous[^1];
    }
}
