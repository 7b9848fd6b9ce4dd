namespace RouteLLM.Training;

/// <summary>A fitted mixture, and how good it is.</summary>
/// <remarks>
/// Log losses are weighted means of the cross-entropy between label and probability, in nats. With labels that are rated probabilities even a perfect router's is above 0: the mean entropy of the labels.
/// </remarks>
public sealed class TrainedMixture
{
    internal TrainedMixture(MixtureRouter router, double logLoss, double heldOutLogLoss, IReadOnlyList<double> partLogLosses, IReadOnlyList<double> heldOut)
    {
        Router = router;
        LogLoss = logLoss;
        HeldOutLogLoss = heldOutLogLoss;
        PartLogLosses = partLogLosses;
        HeldOut = heldOut;
    }

    /// <summary>Gets the mixture, with the fitted weights and bias, and the quantiles of <see cref="HeldOut"/>.</summary>
    public MixtureRouter Router { get; }

    /// <summary>Gets the mixture's log loss on the rows it was fitted on; never more than that of its best part alone.</summary>
    public double LogLoss { get; }

    /// <summary>Gets the log loss on rows that weights were fitted without, by five-fold cross-validation: what to expect on such prompts.</summary>
    public double HeldOutLogLoss { get; }

    /// <summary>Gets the log loss of each part alone on all rows, with its scores as they are (clamped as in the mixture).</summary>
    public IReadOnlyList<double> PartLogLosses { get; }

    /// <summary>Gets, for each row, the win probability by weights that were fitted without the row's group.</summary>
    public IReadOnlyList<double> HeldOut { get; }
}
