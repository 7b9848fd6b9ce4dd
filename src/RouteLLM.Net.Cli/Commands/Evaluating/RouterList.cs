using System.CommandLine;
using Microsoft.Extensions.AI;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands.Evaluating;

/// <summary>The option <c>--router</c> of commands that measure several routers on the same rows.</summary>
internal sealed class RouterList(EvaluationInput input, Terminal terminal)
{
    public Option<string[]> Option { get; } = new("--router")
    {
        Description = $"The routers, the first being what the others are compared with: {RouterLoader.Names}.",
        HelpName = "ROUTER",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = static _ => [RouterLoader.BuiltIn],
    };

    /// <summary>Evaluates all of them.</summary>
    public async Task<RouterEvaluation[]> EvaluateAsync(ParseResult result, bool keepPrompts, CancellationToken cancellationToken)
    {
        EvaluationOptions options = input.Options(result, keepPrompts);

        // All are made before the first is evaluated, so that a wrong name is found at once.
        string[] names = result.GetValue(Option)!;
        IEmbeddingGenerator<string, Embedding<float>>? embedder = input.Embedder(result);
        IRouter[] routers = [.. names.Select(name => RouterLoader.Load(name, input.Strong(result), input.Weak(result), terminal, embedder))];
        EvaluationRow[] rows = await terminal.WithProgressAsync("Reading", _ => Task.Run(() => input.Read(result).TakeWhile(_ => !cancellationToken.IsCancellationRequested).ToArray(), cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        var evaluations = new List<RouterEvaluation>();
        foreach ((string name, IRouter router) in names.Zip(routers))
        {
            evaluations.Add(await input.EvaluateAsync(router, name, rows, options, cancellationToken));
        }

        input.NoteSkipped(evaluations[0]);
        foreach (string note in evaluations[0].Overall.Notes)
        {
            terminal.Note(note);
        }

        return [.. evaluations];
    }
}
