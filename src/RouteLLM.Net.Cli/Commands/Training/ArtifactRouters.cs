using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace RouteLLM.Cli.Commands.Training;

/// <summary>Trains artifacts of a kind and makes routers of them.</summary>
internal static class ArtifactRouters
{
    /// <summary>Makes the trainer of a kind.</summary>
    public static RouterTrainer TrainerOf(string kind, string strong, string weak, int seed, int dimensions, IReadOnlyList<string> benchmarks) => async (rows, cancellationToken) =>
    {
        var job = new TrainingJob(TrainingData.Of(rows, strong, weak), kind, seed, new HashedTextEmbeddingGenerator(dimensions), benchmarks, new Dictionary<string, string>());
        TrainedArtifact trained = await Task.Run(() => TrainCommand.Kinds[kind](job, NoProgress.Instance, cancellationToken), cancellationToken);
        return Load(trained, strong, weak);
    };

    /// <summary>Makes the router of an artifact in memory. Loading, which is for files, leaves none open of the kinds that are trained.</summary>
    private static IRouter Load(TrainedArtifact trained, string strong, string weak)
    {
        string path = Path.Combine(Path.GetTempPath(), $"routellm-{Guid.NewGuid():n}.safetensors");
        try
        {
            File.WriteAllBytes(path, trained.Bytes.Span);
            return RouterArtifact.Load(path, new RouterArtifactOptions { StrongModel = strong, WeakModel = weak });
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class NoProgress : IProgress<double>
    {
        public static NoProgress Instance { get; } = new();

        public void Report(double value)
        {
        }
    }
}
