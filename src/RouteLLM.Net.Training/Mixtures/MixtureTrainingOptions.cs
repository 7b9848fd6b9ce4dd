namespace RouteLLM.Training;

/// <summary>How to fit a mixture.</summary>
public sealed class MixtureTrainingOptions
{
    /// <summary>Gets the L2 penalty on the distance of the weights from where they start, in units of a row's weight: above 0; 1 by default. The bias is free but for a trace.</summary>
    public double Penalty { get; init; } = 1;

    /// <summary>Gets the number of parts that cross-validation holds out in turn, at least 2; 5 by default.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Gets the options of the router: its name, and what happens when a part fails. <see cref="MixtureRouterOptions.Quantiles"/> that are <see langword="null"/> are taken from the held-out probabilities.</summary>
    public MixtureRouterOptions Router { get; init; } = new();
}
