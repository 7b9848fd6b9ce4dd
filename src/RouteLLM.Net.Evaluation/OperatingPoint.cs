namespace RouteLLM.Evaluation;

/// <summary>What a router does at one threshold.</summary>
public sealed record OperatingPoint
{
    /// <summary>Gets the threshold: strong when the win probability is at least that.</summary>
    public required double Threshold { get; init; }

    /// <summary>Gets the share of prompts sent to the strong model, in [0, 1].</summary>
    public required double StrongShare { get; init; }

    /// <summary>Gets the mean score of the answers given.</summary>
    public required double Quality { get; init; }

    /// <summary>Gets the quality as a part of the strong model's, on the scale as it is; NaN if the strong model's is 0.</summary>
    public required double QualityRetained { get; init; }

    /// <summary>Gets the performance gap recovered; NaN when both models are equally good.</summary>
    public required double PerformanceGapRecovered { get; init; }

    /// <summary>Gets the share of prompts sent to the model that scored best (top-1 agreement), in [0, 1]; where both score the same, either is.</summary>
    public required double BestModelShare { get; init; }

    /// <summary>Gets the mean cost of an answer in USD, or <see langword="null"/> if it is not known of every row.</summary>
    public double? Cost { get; init; }

    /// <summary>Gets which part is saved of what the strong model alone costs; <see langword="null"/> if costs are not known, NaN if the strong model costs nothing.</summary>
    public double? CostSaved { get; init; }

    /// <summary>Gets the mean latency of an answer in milliseconds, or <see langword="null"/> if it is not known of every row.</summary>
    public double? Latency { get; init; }
}
