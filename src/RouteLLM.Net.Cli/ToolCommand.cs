using System.CommandLine;
using RouteLLM.Evaluation;
using RouteLLM.Onnx;

namespace RouteLLM.Cli;

/// <summary>A command of the tool: what it has in common with the others is how it ends.</summary>
/// <remarks>
/// A command adds its options and arguments in its constructor and does its work in <see cref="RunAsync"/>; <see cref="CommandLine"/> lists it. What is wrong with the command line is said by validators or a <see cref="UsageException"/> (exit code 2), what is
/// wrong with the world by <see cref="ToolException"/> and the exceptions listed here (exit code 1); a command does not catch them.
/// </remarks>
internal abstract class ToolCommand : Command
{
    protected ToolCommand(string name, string description, Terminal terminal)
        : base(name, description)
    {
        Terminal = terminal;
        SetAction(RunToTheEndAsync);
    }

    /// <summary>Gets command lines that show what the command is for, without the tool's name.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    protected Terminal Terminal { get; }

    /// <summary>Does the command's work.</summary>
    /// <returns>The exit code: see <see cref="ExitCodes"/>.</returns>
    protected abstract Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken);

    private async Task<int> RunToTheEndAsync(ParseResult result, CancellationToken cancellationToken)
    {
        try
        {
            int exitCode = await RunAsync(result, cancellationToken);
            await Terminal.Out.FlushAsync(cancellationToken);
            return exitCode;
        }
        catch (Exception error) when (error is not ClosedPipeException && cancellationToken.IsCancellationRequested)
        {
            await Terminal.Error.WriteLineAsync("interrupted");
            return ExitCodes.Interrupted;
        }
        catch (UsageException error)
        {
            UsageErrors.Write(error.Message, this, Terminal);
            return ExitCodes.Usage;
        }
        catch (Exception error) when (IsOfTheUsersMaking(error))
        {
            // What was written before the error comes before it.
            await Terminal.Out.FlushAsync(CancellationToken.None);
            await Terminal.Error.WriteLineAsync($"error: {error.Message.ReplaceLineEndings(" ")}");
            return ExitCodes.Failure;
        }
    }

    private static bool IsOfTheUsersMaking(Exception error) =>
        error is ToolException or OnnxModelException or EvaluationDataException or EvaluationException or InvalidCalibrationException or InvalidArtifactException or MissingEmbedderException or UnauthorizedAccessException or InvalidDataException
        || (error is IOException && error is not ClosedPipeException);
}
