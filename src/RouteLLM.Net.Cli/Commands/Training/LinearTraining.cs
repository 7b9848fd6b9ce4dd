using RouteLLM.Training;

namespace RouteLLM.Cli.Commands.Training;

/// <summary>Trains a logistic regression over hashed words, for the pair or for all models that are scored.</summary>
internal static class LinearTraining
{
    public static Task<TrainedArtifact> TrainAsync(TrainingJob job, IProgress<double> progress, CancellationToken cancellationToken) =>
        Task.FromResult(Describe(LinearTrainer.Train(job.Data.CreateLabels(), OptionsOf(job), new FitProgress(progress), cancellationToken)));

    public static Task<TrainedArtifact> TrainPoolAsync(TrainingJob job, IProgress<double> progress, CancellationToken cancellationToken) =>
        Task.FromResult(Describe(LinearTrainer.TrainPool(job.Data.Scored, OptionsOf(job), group: null, new FitProgress(progress), cancellationToken)) with { Warnings = job.WarningsAboutRatings });

    private static LinearTrainingOptions OptionsOf(TrainingJob job) =>
        new() { StrongModel = job.Data.Strong, WeakModel = job.Data.Weak, Name = job.Name, Seed = job.Seed, Metadata = job.Metadata };

    private static TrainedArtifact Describe(TrainedLinear trained) => new(trained.Artifact, trained.HeldOut, new Dictionary<string, double> { ["penalty"] = trained.Penalty }, []);

    private sealed class FitProgress(IProgress<double> progress) : IProgress<LinearTrainingProgress>
    {
        public void Report(LinearTrainingProgress value) => progress.Report((double)value.Done / value.Total);
    }
}
