using RouteLLM.Training;

namespace RouteLLM.Cli.Commands.Training;

/// <summary>Trains a matrix factorisation over embeddings.</summary>
internal static class DenseTraining
{
    public static async Task<TrainedArtifact> TrainAsync(TrainingJob job, IProgress<double> progress, CancellationToken cancellationToken)
    {
        TrainingData data = job.Data;
        var options = new DenseMatrixFactorizationTrainingOptions { StrongModel = data.Strong, WeakModel = data.Weak, Name = job.Name, Seed = job.Seed, Metadata = job.Metadata };
        TrainedDenseMatrixFactorization trained = await DenseMatrixFactorizationTrainer.TrainAsync(
            TrainingPrompts.FromRows(data.Rows, data.Strong, data.Weak), job.Embedder, options, new EpochProgress(progress, options.MaxEpochs), cancellationToken);
        return new TrainedArtifact(trained.Artifact, trained.HeldOut, new Dictionary<string, double> { ["epochs"] = trained.Epochs.Count, ["best_epoch"] = trained.BestEpoch }, []);
    }

    private sealed class EpochProgress(IProgress<double> progress, int epochs) : IProgress<DenseMatrixFactorizationEpoch>
    {
        public void Report(DenseMatrixFactorizationEpoch value) => progress.Report((double)value.Epoch / epochs);
    }
}
