namespace RouteLLM.Evaluation;

/// <summary>One decision of a log, as far as a calibration needs it.</summary>
public sealed record DecisionLogEntry
{
    /// <summary>Gets when it was made, or <see langword="null"/>.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Gets the win probability, in [0, 1], or <see langword="null"/> if no router was asked, as for a pinned request.</summary>
    public double? WinProbability { get; init; }

    /// <summary>Gets the name of the route that answered, such as <c>strong</c>, or <see langword="null"/>.</summary>
    public string? Route { get; init; }

    /// <summary>Gets what the answer cost in USD, or <see langword="null"/>.</summary>
    public double? Cost { get; init; }

    /// <summary>Gets the tokens that it took, or <see langword="null"/>.</summary>
    public TokenUsage? Tokens { get; init; }

    /// <summary>Gets the hash of the artifact of the router that was asked, or <see langword="null"/>.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Gets the group that the request belongs to, by the property that the reader was told of, or <see langword="null"/>.</summary>
    public string? Group { get; init; }
}
