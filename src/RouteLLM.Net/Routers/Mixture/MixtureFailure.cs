namespace RouteLLM;

/// <summary>What becomes of a mixture when one of its parts fails: throws, exceeds its time limit, or gives no probability.</summary>
public enum MixtureFailure
{
    /// <summary>The mixture fails (the default): no score is better than one that means something else.</summary>
    Fail,

    /// <summary>
    /// The part is left out and the weights of the others are scaled up, so that the sum of their magnitudes stays what it was. The mixture fails only when no part with a weight is left.
    /// </summary>
    LeaveOut,
}
