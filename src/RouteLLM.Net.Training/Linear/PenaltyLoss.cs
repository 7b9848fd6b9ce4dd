namespace RouteLLM.Training;

/// <summary>How good a penalty was on rows held out.</summary>
/// <param name="Penalty">The L2 penalty.</param>
/// <param name="Loss">The loss on the rows held out, the lower the better: for one pair the cross-entropy of the calibrated win probabilities in nats, for a pool the mean squared error of qualities.</param>
public readonly record struct PenaltyLoss(double Penalty, double Loss);
