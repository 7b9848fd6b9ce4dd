namespace RouteLLM.Training;

/// <summary>How an epoch of a <see cref="DenseMatrixFactorizationTrainer"/> went.</summary>
/// <param name="Epoch">The epoch's number, from 1.</param>
/// <param name="TrainingLoss">The mean loss over the epoch's batches, with noise and while weights moved, in nats for an outcome of weight 1.</param>
/// <param name="HeldOutLoss">The mean loss on the rows held out, without noise, in nats for an outcome of weight 1; <see langword="null"/> if none are.</param>
/// <param name="HeldOutApgr">
/// The average performance gap recovered on the default pair's outcomes that are held out, with the probability of a win less that of a defeat as what the strong model gains (<see cref="Evaluation.CostQualityCurve"/>):
/// 0.5 is what a random router has. <see langword="null"/> if there are no such outcomes, or the two models are equally good on them.
/// </param>
/// <param name="IsBest">Whether the loss held out is the lowest so far, so that the weights are kept; always, if no rows are held out.</param>
public sealed record DenseMatrixFactorizationEpoch(int Epoch, double TrainingLoss, double? HeldOutLoss, double? HeldOutApgr, bool IsBest);
