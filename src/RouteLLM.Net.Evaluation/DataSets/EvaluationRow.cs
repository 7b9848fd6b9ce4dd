namespace RouteLLM.Evaluation;

/// <summary>One prompt of an evaluation or training set, with what is known about how models answer it.</summary>
public sealed record EvaluationRow
{
    internal static readonly IReadOnlyDictionary<string, double> NoNumbers = new Dictionary<string, double>();
    internal static readonly IReadOnlyDictionary<string, TokenUsage> NoTokens = new Dictionary<string, TokenUsage>();

    /// <summary>Gets the row's id, unique in its data set.</summary>
    public required string Id { get; init; }

    /// <summary>Gets where the row comes from, such as <c>mmlu/anatomy</c>; slashes separate a set from its parts. Empty if unknown; in a file that does not say, the file's name without its extensions.</summary>
    public string Source { get; init; } = "";

    /// <summary>Gets which part of the data the row belongs to, such as <c>train</c> or <c>eval</c>; empty if the data are not split.</summary>
    public string Split { get; init; } = "";

    /// <summary>Gets the prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>Gets the score of each model's answer, by the model's name; empty if no model's answer was scored. In [0, 1] unless the rows were read on another <see cref="ScoreScale"/>.</summary>
    public IReadOnlyDictionary<string, double> Scores { get; init; } = NoNumbers;

    /// <summary>Gets the cost of each model's answer in USD, by the model's name; empty if unknown.</summary>
    public IReadOnlyDictionary<string, double> Costs { get; init; } = NoNumbers;

    /// <summary>Gets the tokens of each model's answer, by the model's name; empty if unknown.</summary>
    public IReadOnlyDictionary<string, TokenUsage> Tokens { get; init; } = NoTokens;

    /// <summary>Gets how long each model took to answer, in milliseconds, by the model's name; empty if unknown.</summary>
    public IReadOnlyDictionary<string, double> Latencies { get; init; } = NoNumbers;

    /// <summary>Gets the rated probability that a strong model's answer is clearly better, in [0, 1], or <see langword="null"/> if the prompt is not rated.</summary>
    public double? StrongProbability { get; init; }

    /// <summary>Gets the right answer, or <see langword="null"/>.</summary>
    public string? Reference { get; init; }

    /// <summary>Gets the prompt's language as an ISO 639-1 code, or <see langword="null"/>.</summary>
    public string? Language { get; init; }

    /// <summary>Gets what the prompt is about, or <see langword="null"/>.</summary>
    public string? Category { get; init; }

    /// <summary>Gets the file and line the row was read from, or <see langword="null"/> if it was not read from a file.</summary>
    public RowOrigin? Origin { get; init; }

    /// <summary>Names the row in an error message.</summary>
    internal string Describe() => Origin is { } origin ? $"row \"{Id}\" ({origin})" : $"row \"{Id}\"";
}
