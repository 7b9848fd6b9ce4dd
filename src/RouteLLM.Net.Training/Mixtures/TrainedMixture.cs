namespace RouteLLM.Training;

/// <summary>What fitting a mixture gave.</summary>
/// <param name="Router">The mixture, ready to route, with quantiles of the held-out probabilities.</param>
/// <param name="Parts">Each router's weight, and how good it is alone.</param>
/// <param name="TrainingLogLoss">The mixture's log loss on the rows it was fitted on, in nats; never more than that of the best part alone.</param>
/// <param name="HeldOutLogLoss">The log loss, in nats, of mixtures fitted without the rows they predict: what to expect on such prompts.</param>
/// <param name="HeldOut">For each row, the win probability by the mixture that was fitted without the row's group.</param>
/// <remarks>
/// Log losses are weighted means of the cross-entropy between label and probability. With labels that are rated probabilities even a perfect router's is above 0: the mean entropy of the labels.
/// </remarks>
public sealed record TrainedMixture(
    MixtureRouter Router, IReadOnlyList<TrainedMixturePart> Parts, double TrainingLogLoss, double HeldOutLogLoss, IReadOnlyList<double> HeldOut);
