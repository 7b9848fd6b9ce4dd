namespace RouteLLM.Training;

/// <summary>A fitted mixture, and how good it is.</summary>
public sealed class TrainedMixture
{
    internal TrainedMixture(MixtureRouter router, double logLoss, double heldOutLogLoss, IReadOnlyList<double> partLogLosses)
    {
        Router = router;
        LogLoss = logLoss;
        HeldOutLogLoss = heldOutLogLoss;
        PartLogLosses = partLogLosses;
    }

    /// <summary>Gets the mixture, with the fitted weights and bias, and the quantiles of its scores on the rows.</summary>
    public MixtureRouter Router { get; }

    /// <summary>Gets the mixture's mean log loss on the rows it was fitted on, in nats.</summary>
    public double LogLoss { get; }

    /// <summary>Gets the mean log loss on rows that weights were fitted without, by five-fold cross-validation, in nats.</summary>
    public double HeldOutLogLoss { get; }

    /// <summary>Gets the mean log loss of each part alone, in nats.</summary>
    public IReadOnlyList<double> PartLogLosses { get; }
}
