using RouteLLM.Training;

namespace RouteLLM.Cli.Commands.Training;

/// <summary>Trains classifiers by cluster of prompts, over three models or more.</summary>
internal static class ClusterTraining
{
    public static async Task<TrainedArtifact> TrainAsync(TrainingJob job, IProgress<double> progress, CancellationToken cancellationToken)
    {
        TrainingData data = job.Data;
        var options = new ClusteredModelTrainingOptions { StrongModel = data.Strong, WeakModel = data.Weak, Name = job.Name, Seed = job.Seed, Metadata = job.Metadata };
        TrainedClusteredModel trained = await ClusteredModelTrainer.TrainAsync(data.Scored, job.Embedder, options, new StageProgress(progress), cancellationToken);
        var measures = new Dictionary<string, double>
        {
            ["clusters"] = trained.Model.ClusterCount,
            ["held_out_quality"] = trained.HeldOut.Clustered.Quality,
            ["held_out_quality_without_clusters"] = trained.HeldOut.Global.Quality,
            ["held_out_quality_of_best_model"] = trained.HeldOut.BestSingle.Quality,
            ["held_out_quality_of_random_model"] = trained.HeldOut.Random.Quality,
            ["held_out_quality_of_perfect_choice"] = trained.HeldOut.Best.Quality,
        };
        return new TrainedArtifact(trained.Artifact, null, measures, [.. job.WarningsAboutRatings, .. trained.Warnings]);
    }

    private sealed class StageProgress(IProgress<double> progress) : IProgress<ClusteredTrainingProgress>
    {
        public void Report(ClusteredTrainingProgress value)
        {
            if (value.Total > 0)
            {
                progress.Report(((int)value.Stage + ((double)value.Done / value.Total)) / Enum.GetValues<ClusteredTrainingStage>().Length);
            }
        }
    }
}
