namespace RouteLLM.Training;

/// <summary>How a router compares with one that routes at random, by the interval of its measure.</summary>
public enum TransferVerdict
{
    /// <summary>The interval holds what a random router has, or the measure is not defined: the rows are too few to tell.</summary>
    Unclear,

    /// <summary>All of the interval is better than a random router.</summary>
    BetterThanRandom,

    /// <summary>All of the interval is worse than a random router: here the router does harm.</summary>
    WorseThanRandom,
}
