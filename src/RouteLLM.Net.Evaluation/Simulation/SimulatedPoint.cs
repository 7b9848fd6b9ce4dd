namespace RouteLLM.Evaluation;

/// <summary>What becomes of the traffic under one rule: a threshold, or what was logged, or one model for all.</summary>
public sealed record SimulatedPoint
{
    /// <summary>Gets the threshold: strong when the win probability is at least that; negative infinity for always strong, positive infinity for always weak, <see langword="null"/> for what was logged.</summary>
    public double? Threshold { get; init; }

    /// <summary>Gets the strong share that was asked for, or <see langword="null"/> if a threshold was. With equal win probabilities the share reached may be larger.</summary>
    public double? WantedStrongShare { get; init; }

    /// <summary>Gets the share of requests that go to the strong route, in [0, 1].</summary>
    public required double StrongShare { get; init; }

    /// <summary>Gets how many requests were logged as weak and go to the strong route.</summary>
    public required long MovedToStrong { get; init; }

    /// <summary>Gets how many requests were logged as strong and go to the weak route.</summary>
    public required long MovedToWeak { get; init; }

    /// <summary>Gets the cost of a request in USD, or <see langword="null"/> if nothing is known of it.</summary>
    public SimulatedMean? Cost { get; init; }

    /// <summary>Gets the latency of a request in milliseconds, or <see langword="null"/> if nothing is known of it.</summary>
    public SimulatedMean? Latency { get; init; }

    /// <summary>
    /// Gets the quality: the mean score where rows have scores of both models; of a log the mean reward of those requests that stay where they were, for what the other model would have earned nobody knows. <see langword="null"/> if nothing is known.
    /// </summary>
    public SimulatedMean? Quality { get; init; }

    /// <summary>Gets examples of requests that move, those furthest beyond the threshold first, those to the strong route before the others.</summary>
    public IReadOnlyList<MovedRequest> Examples { get; init; } = [];
}
