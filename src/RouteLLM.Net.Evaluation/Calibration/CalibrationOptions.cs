namespace RouteLLM.Evaluation;

/// <summary>How a threshold is calibrated.</summary>
public sealed record CalibrationOptions
{
    /// <summary>Gets the name of the strong model in the rows and the prices; <c>strong</c> by default. In a decision log, a route of this name or named <c>strong</c> is the strong one.</summary>
    public string StrongModel { get; init; } = "strong";

    /// <summary>Gets the name of the weak model in the rows and the prices; <c>weak</c> by default.</summary>
    public string WeakModel { get; init; } = "weak";

    /// <summary>Gets the scale of the rows' scores, [0, 1] by default. Its minimum must be at least 0, for a part of a negative quality means nothing.</summary>
    public ScoreScale Scale { get; init; } = ScoreScale.Unit;

    /// <summary>Gets what becomes of a row without a score of both models when a quality is the target; refused by default. For other targets such rows are used for what they say.</summary>
    public MissingScoreHandling MissingScores { get; init; }

    /// <summary>Gets prices by model name, for requests whose row or log entry says how many tokens they took, or else for <see cref="TypicalTokens"/>; none by default.</summary>
    public IReadOnlyDictionary<string, TokenPrice> Prices { get; init; } = new Dictionary<string, TokenPrice>();

    /// <summary>Gets the tokens of a typical request, for those of which neither the cost nor the tokens are known, or <see langword="null"/>.</summary>
    public TokenUsage? TypicalTokens { get; init; }

    /// <summary>Gets the group of a row, such as its language, which then gets a threshold of its own, or <see langword="null"/>, the default. Log entries carry their group.</summary>
    public Func<EvaluationRow, string?>? Group { get; init; }

    /// <summary>Gets what the groups are called, such as <c>lang</c>; <see langword="null"/> for no groups.</summary>
    public string? GroupedBy { get; init; }

    /// <summary>Gets the files that the rows come from, to be written down; none by default.</summary>
    public IReadOnlyList<CalibrationData> Data { get; init; } = [];

    /// <summary>Gets the clock for the calibration's date; the system's by default.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets how many prompts are scored at once, and who is told of progress.</summary>
    public BatchPredictionOptions Prediction { get; init; } = new();

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(StrongModel);
        ArgumentException.ThrowIfNullOrWhiteSpace(WeakModel);
        if (StrongModel == WeakModel)
        {
            throw new ArgumentException($"The strong and the weak model are both \"{StrongModel}\"; expected two different models.");
        }

        if (Scale.Minimum < 0)
        {
            throw new ArgumentException($"The scale {Scale} has negative scores, of which a part means nothing; move it to start at 0 or above.");
        }
    }
}
