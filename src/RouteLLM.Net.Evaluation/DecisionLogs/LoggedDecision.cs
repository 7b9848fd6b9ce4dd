namespace RouteLLM.Evaluation;

/// <summary>One line of a decision log: which way a request went, and what is known of what came of it. Everything but the place may be missing.</summary>
public sealed record LoggedDecision
{
    internal static readonly IReadOnlyDictionary<string, string> NoProperties = new Dictionary<string, string>();

    /// <summary>Gets when it was decided, or <see langword="null"/>.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Gets the name of the route that the request took, such as <c>strong</c> or <c>weak</c>, or <see langword="null"/>.</summary>
    public string? Route { get; init; }

    /// <summary>Gets the router's win probability, in [0, 1], or <see langword="null"/> if no router was asked or it failed.</summary>
    public double? WinProbability { get; init; }

    /// <summary>Gets the threshold that it was compared with, or <see langword="null"/>.</summary>
    public double? Threshold { get; init; }

    /// <summary>Gets the prompt, or <see langword="null"/> where logs hold no content, which is the default; then only the logged win probability can be looked at again.</summary>
    public string? Prompt { get; init; }

    /// <summary>Gets how many characters the prompt has, or <see langword="null"/>.</summary>
    public long? QueryLength { get; init; }

    /// <summary>Gets how many tokens the request had, cached ones included, or <see langword="null"/>.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Gets how many tokens the answer had, reasoning included, or <see langword="null"/>.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Gets what the answer cost in USD, or <see langword="null"/>.</summary>
    public double? Cost { get; init; }

    /// <summary>Gets how long the answer took, in milliseconds, or <see langword="null"/>.</summary>
    public double? Latency { get; init; }

    /// <summary>Gets how good the answer was found to be, on the log's own scale, more being better; or <see langword="null"/>.</summary>
    public double? Reward { get; init; }

    /// <summary>Gets the line's other properties that are text or numbers, by name: tenant, language and whatever else the application logs.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = NoProperties;

    /// <summary>Gets the file and line it was read from, or <see langword="null"/> if it was not read from a file.</summary>
    public RowOrigin? Origin { get; init; }
}
