namespace RouteLLM.Diagnostics;

/// <summary>What a shadow would have done so far.</summary>
public sealed record ShadowReport
{
    /// <summary>Gets the number of requests that the shadow decided as well.</summary>
    public long Compared { get; init; }

    /// <summary>Gets how many of them the shadow would have sent to a stronger route.</summary>
    public long MovedUp { get; init; }

    /// <summary>Gets how many of them the shadow would have sent to a weaker route.</summary>
    public long MovedDown { get; init; }

    /// <summary>Gets the share of them that the shadow would have sent elsewhere, in [0, 1]; 0 before the first.</summary>
    public double Disagreement => Compared == 0 ? 0 : (double)(MovedUp + MovedDown) / Compared;

    /// <summary>Gets the number of requests that <see cref="ActualCost"/> and <see cref="ShadowCost"/> are of: those answered by a model, where tokens and both prices are known.</summary>
    public long Priced { get; init; }

    /// <summary>Gets what those did cost, in USD.</summary>
    public decimal ActualCost { get; init; }

    /// <summary>Gets what those would have cost on the shadow's routes, in USD, were as many tokens used there.</summary>
    public decimal ShadowCost { get; init; }

    /// <summary>Gets what the shadow would have saved, in USD; negative if it would have cost more.</summary>
    public decimal Saving => ActualCost - ShadowCost;

    /// <summary>Gets the number of requests that were passed over since too many were waiting, or the shadow was disposed of.</summary>
    public long Dropped { get; init; }

    /// <summary>Gets the number of requests that the shadow failed to decide, by an error or its time limit.</summary>
    public long Failed { get; init; }
}
