namespace RouteLLM.Training;

/// <summary>Whether an adapted router is better than the original on the domain it was adapted to.</summary>
public enum AdaptationVerdict
{
    /// <summary>It is not: its held-out log loss is no lower, or nothing was changed. Keep the original.</summary>
    NoGain,

    /// <summary>It looks better, but not beyond what chance could do on so few rows.</summary>
    Unclear,

    /// <summary>It is: the interval of the change in log loss, or in rank correlation without a loss in log loss, lies on the better side of 0.</summary>
    Better,
}
