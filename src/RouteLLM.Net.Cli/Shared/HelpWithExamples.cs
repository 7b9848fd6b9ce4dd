using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RouteLLM.Cli;

/// <summary>The usual help, and after it the command's examples.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => help.ClearsParseErrors;

    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is ToolCommand command)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in command.Examples)
            {
                output.WriteLine($"  routellm {example}");
            }

            output.WriteLine();
        }

        return exitCode;
    }
}
