namespace RouteLLM.Evaluation;

/// <summary>How choices among several models are evaluated.</summary>
public sealed record ChoiceEvaluationOptions
{
    /// <summary>Gets the models there are to choose from; if empty, the default, those scored in the first row. A row that lacks a score of one is an error, unless such rows are skipped.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Gets the scale of the rows' scores, stated in the results; [0, 1] by default.</summary>
    public ScoreScale Scale { get; init; } = ScoreScale.Unit;

    /// <summary>Gets prices by model name, for answers whose row says how many tokens they took and not what they cost; none by default.</summary>
    public IReadOnlyDictionary<string, TokenPrice> Prices { get; init; } = new Dictionary<string, TokenPrice>();

    /// <summary>Gets what becomes of a row without scores of all models; refused by default.</summary>
    public MissingScoreHandling MissingScores { get; init; }

    /// <summary>Gets the names of the slices that a row belongs to; by default its source and the sets that the source is part of.</summary>
    public Func<EvaluationRow, IEnumerable<string>> SliceBy { get; init; } = EvaluationOptions.SourceAndSets;

    /// <summary>Gets how intervals are resampled.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();
}
