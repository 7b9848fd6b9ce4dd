namespace RouteLLM.Evaluation;

/// <summary>A row as it was evaluated: what the router predicted, and what both models' answers are worth, cost and take.</summary>
public sealed record EvaluatedRow
{
    /// <summary>Gets the row's id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the row's source.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the prompt, or <see langword="null"/> if prompts were not kept.</summary>
    public string? Prompt { get; init; }

    /// <summary>Gets the router's win probability, in [0, 1].</summary>
    public required double WinProbability { get; init; }

    /// <summary>Gets a value indicating whether both models were scored; if not, the row is rated only.</summary>
    public bool IsScored => !double.IsNaN(StrongScore);

    /// <summary>Gets the strong model's score; NaN if it was not scored.</summary>
    public double StrongScore { get; init; } = double.NaN;

    /// <summary>Gets the weak model's score; NaN if it was not scored.</summary>
    public double WeakScore { get; init; } = double.NaN;

    /// <summary>Gets the cost of the strong model's answer in USD; NaN if unknown.</summary>
    public double StrongCost { get; init; } = double.NaN;

    /// <summary>Gets the cost of the weak model's answer in USD; NaN if unknown.</summary>
    public double WeakCost { get; init; } = double.NaN;

    /// <summary>Gets how long the strong model took, in milliseconds; NaN if unknown.</summary>
    public double StrongLatency { get; init; } = double.NaN;

    /// <summary>Gets how long the weak model took, in milliseconds; NaN if unknown.</summary>
    public double WeakLatency { get; init; } = double.NaN;

    /// <summary>Gets the rated probability that the strong model's answer is clearly better, or <see langword="null"/>.</summary>
    public double? StrongProbability { get; init; }
}
