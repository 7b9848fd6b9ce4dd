namespace RouteLLM.Training;

/// <summary>What training a linear model gave.</summary>
/// <param name="Model">The model, ready to make routers.</param>
/// <param name="Artifact">The model as bytes of a safetensors file.</param>
/// <param name="HeldOut">For each row, the calibrated win probability of the default pair's strong model by a model that was fitted without the row's group; NaN where a pool's row lacks a score of the pair.</param>
/// <param name="Penalty">The penalty that was chosen.</param>
/// <param name="PenaltyLosses">The losses on rows held out, of every penalty that was tried, in ascending order of penalties.</param>
public sealed record TrainedLinear(LinearModel Model, ReadOnlyMemory<byte> Artifact, IReadOnlyList<double> HeldOut, double Penalty, IReadOnlyList<PenaltyLoss> PenaltyLosses);
