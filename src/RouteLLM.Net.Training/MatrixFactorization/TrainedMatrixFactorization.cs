namespace RouteLLM.Training;

/// <summary>What training a matrix factorisation gave.</summary>
/// <param name="Model">The model, ready to make routers.</param>
/// <param name="Artifact">The model as bytes of a safetensors file.</param>
/// <param name="HeldOut">
/// For each training prompt of traffic or of a benchmark that has an outcome of the default pair, the calibrated win probability of the pair's strong model by a model that was fitted without the prompt's group; NaN for the other prompts.
/// </param>
public sealed record TrainedMatrixFactorization(HashedMatrixFactorizationModel Model, ReadOnlyMemory<byte> Artifact, IReadOnlyList<double> HeldOut);
