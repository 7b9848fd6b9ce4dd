namespace RouteLLM.Training;

/// <summary>What training a <see cref="ClusteredModel"/> gave.</summary>
/// <param name="Model">The model, ready to make routers.</param>
/// <param name="Artifact">The model as bytes of a safetensors file.</param>
/// <param name="HeldOut">How good it is, by cross-validation.</param>
/// <param name="Silhouettes">The mean silhouette for each number of clusters that was tried; empty if the number was given.</param>
/// <param name="Warnings">What should be known: an unusual number of clusters, few rows, rows that were left out, clusters without a classifier of their own.</param>
public sealed record TrainedClusteredModel(
    ClusteredModel Model, ReadOnlyMemory<byte> Artifact, ClusteredModelQuality HeldOut, IReadOnlyDictionary<int, double> Silhouettes, IReadOnlyList<string> Warnings);
