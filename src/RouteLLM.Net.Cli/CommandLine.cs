using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RouteLLM.Cli.Commands;

namespace RouteLLM.Cli;

/// <summary>Reads the command line and runs the command. Here is the list of the commands.</summary>
internal static class CommandLine
{
    /// <summary>Runs the tool.</summary>
    /// <returns>The exit code: see <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        RootCommand root = CreateRoot(terminal);

        // A prompt that begins with @ is a prompt, not a file of arguments.
        ParseResult result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (result.Action is ParseErrorAction)
            {
                UsageErrors.Write(result, terminal);
                return ExitCodes.Usage;
            }

            var invocation = new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            int exitCode = await result.InvokeAsync(invocation, cancellationToken);
            await terminal.Out.FlushAsync(CancellationToken.None);
            return exitCode;
        }
        catch (ClosedPipeException)
        {
            // Whoever read the output has seen enough.
            return ExitCodes.Success;
        }
    }

    internal static RootCommand CreateRoot(Terminal terminal)
    {
        var root = new RootCommand("Routes prompts between a strong, expensive and a weak, cheap language model: scores prompts, explains scores, measures and compares routers, trains them from your own data, calibrates thresholds, and tells what is in artifacts.")
        {
            new RouteCommand(terminal),
            new ScoreCommand(terminal),
            new ExplainCommand(terminal),
            new EvaluateCommand(terminal),
            new CompareCommand(terminal),
            new ReportCommand(terminal),
            new InfoCommand(terminal),
            new TrainCommand(terminal),
            new CalibrateCommand(terminal),
            new SavingsCommand(terminal),
            new TransferCommand(terminal),
            new LearningCurveCommand(terminal),
            new IndexCommand(terminal),
            new SimulateCommand(terminal),
            new SpendCommand(terminal),
        };
        root.HelpName = "routellm";
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }
}
