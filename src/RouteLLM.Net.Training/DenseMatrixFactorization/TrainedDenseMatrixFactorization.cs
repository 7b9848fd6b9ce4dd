namespace RouteLLM.Training;

/// <summary>What a <see cref="DenseMatrixFactorizationTrainer"/> made.</summary>
/// <param name="Model">The model, ready to make routers.</param>
/// <param name="Artifact">The model as bytes of a safetensors file, as <see cref="MatrixFactorizationModel.Load(string)"/> reads it.</param>
/// <param name="Epochs">How each epoch went, in order.</param>
/// <param name="BestEpoch">The number of the epoch whose weights the model has.</param>
/// <param name="HeldOut">For each training prompt that was held out, the win probability of the default pair's strong model, by the model as it is; NaN for the others.</param>
public sealed record TrainedDenseMatrixFactorization(
    MatrixFactorizationModel Model, ReadOnlyMemory<byte> Artifact, IReadOnlyList<DenseMatrixFactorizationEpoch> Epochs, int BestEpoch, IReadOnlyList<double> HeldOut);
