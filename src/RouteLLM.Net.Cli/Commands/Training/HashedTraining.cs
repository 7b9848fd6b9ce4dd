using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace RouteLLM.Cli.Commands.Training;

/// <summary>Trains a matrix factorisation over hashed words, as the built-in router is one: an expert for traffic, one for benchmarks.</summary>
internal static class HashedTraining
{
    public static Task<TrainedArtifact> TrainAsync(TrainingJob job, IProgress<double> progress, CancellationToken cancellationToken)
    {
        TrainingData data = job.Data;
        IReadOnlyList<TrainingPrompt> prompts = TrainingPrompts.FromRows(data.Rows, data.Strong, data.Weak);
        TrainingPrompt[] marked = [.. prompts.Select((prompt, i) => prompt with { Outcomes = StrongFirst(prompt.Outcomes, data), IsTraffic = !IsBenchmark(data.Rows[i], job.Benchmarks) })];
        var options = new HashedMatrixFactorizationTrainingOptions { StrongModel = data.Strong, WeakModel = data.Weak, Name = job.Name, Seed = job.Seed, Metadata = job.Metadata };
        TrainedMatrixFactorization trained = HashedMatrixFactorizationTrainer.Train(marked, options, cancellationToken);
        progress.Report(1);
        return Task.FromResult(new TrainedArtifact(trained.Artifact, trained.HeldOut, new Dictionary<string, double>(), []));
    }

    private static bool IsBenchmark(EvaluationRow row, IReadOnlyList<string> benchmarks) => benchmarks.Any(benchmark => row.Source.StartsWith(benchmark, StringComparison.Ordinal));

    /// <summary>Turns outcomes of the pair around where the weak model comes first: the trainer takes the order for the pair's.</summary>
    private static PairOutcome[] StrongFirst(IReadOnlyList<PairOutcome> outcomes, TrainingData data) =>
    [
        .. outcomes.Select(outcome => outcome is { First: var first, Second: var second, SecondWins: { } wins } && first == data.Weak && second == data.Strong
            ? new PairOutcome(second, first, wins, outcome.FirstWins, outcome.Weight)
            : outcome),
    ];
}
