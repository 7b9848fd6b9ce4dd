namespace RouteLLM.Evaluation;

/// <summary>How a router is evaluated.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Gets the name of the strong model in the rows' scores.</summary>
    public required string StrongModel { get; init; }

    /// <summary>Gets the name of the weak model in the rows' scores.</summary>
    public required string WeakModel { get; init; }

    /// <summary>Gets the scale of the rows' scores, stated in the results; [0, 1] by default. A score that is not on it is an error.</summary>
    public ScoreScale Scale { get; init; } = ScoreScale.Unit;

    /// <summary>Gets the threshold of the operating point that is reported, or <see langword="null"/>, the default, to take the one at which <see cref="StrongShare"/> of the evaluated prompts are strong.</summary>
    public double? Threshold { get; init; }

    /// <summary>Gets the strong share of the operating point that is reported, in [0, 1], if no <see cref="Threshold"/> is given; 0.5 by default. With equal win probabilities the share reached may be larger.</summary>
    public double StrongShare { get; init; } = 0.5;

    /// <summary>Gets prices by model name, for answers whose row says how many tokens they took and not what they cost; none by default.</summary>
    public IReadOnlyDictionary<string, TokenPrice> Prices { get; init; } = new Dictionary<string, TokenPrice>();

    /// <summary>
    /// Gets what becomes of a row without a score of both models; refused by default. A row without any scores that is rated (<see cref="EvaluationRow.StrongProbability"/>) is never missing one: it counts for rank correlation and calibration.
    /// </summary>
    public MissingScoreHandling MissingScores { get; init; }

    /// <summary>Gets what a row counts, in [0, 1], for calibration when both models score the same: 0, the default, is that of "the strong model is clearly better"; 0.5 is a tie as half a win.</summary>
    public double TieOutcome { get; init; }

    /// <summary>Gets into how many bins of equal width predictions are put for the calibration error, at least 1; 10 by default.</summary>
    public int CalibrationBins { get; init; } = 10;

    /// <summary>
    /// Gets the names of the slices that a row belongs to. By default those are its source and the sets that the source is part of: <c>mmlu</c> and <c>mmlu/anatomy</c> for <c>mmlu/anatomy</c>.
    /// </summary>
    public Func<EvaluationRow, IEnumerable<string>> SliceBy { get; init; } = SourceAndSets;

    /// <summary>Gets how intervals are resampled.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();

    /// <summary>Gets how many prompts are scored at once, and who is told of progress.</summary>
    public BatchPredictionOptions Prediction { get; init; } = new();

    /// <summary>Gets a value indicating whether prompts are kept in the result, for examples; <see langword="true"/> by default. Without them a million rows take some 350 MB.</summary>
    public bool KeepPrompts { get; init; } = true;

    /// <summary>Names the source of a row and the sets that it is part of, from the largest.</summary>
    /// <param name="row">The row.</param>
    /// <returns>The names; none if the row has no source.</returns>
    public static IEnumerable<string> SourceAndSets(EvaluationRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        for (int slash = row.Source.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = row.Source.IndexOf('/', slash + 1))
        {
            yield return row.Source[..slash];
        }

        if (row.Source.Length > 0)
        {
            yield return row.Source;
        }
    }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(StrongModel);
        ArgumentException.ThrowIfNullOrWhiteSpace(WeakModel);
        if (StrongModel == WeakModel)
        {
            throw new ArgumentException($"The strong and the weak model are both \"{StrongModel}\"; expected two different models.");
        }

        RequireUnit(StrongShare, nameof(StrongShare));
        RequireUnit(TieOutcome, nameof(TieOutcome));
        ArgumentOutOfRangeException.ThrowIfLessThan(CalibrationBins, 1, nameof(CalibrationBins));
        if (Threshold is { } threshold && double.IsNaN(threshold))
        {
            throw new ArgumentException("The threshold is NaN; expected a number, or null to go by the strong share.");
        }

        Bootstrap.Validate();
    }

    private static void RequireUnit(double value, string name)
    {
        if (value is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "Expected a value in [0, 1].");
        }
    }
}
