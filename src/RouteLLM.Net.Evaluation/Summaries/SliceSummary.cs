using System.Text.Json.Serialization;

namespace RouteLLM.Evaluation;

/// <summary>The numbers of an <see cref="EvaluationSlice"/>, which documents them; NaN where one is not defined.</summary>
public sealed record SliceSummary
{
    /// <summary>Gets the slice's name; <c>overall</c> for all rows.</summary>
    public required string Name { get; init; }

    /// <summary>Gets how many rows there are.</summary>
    public required int Rows { get; init; }

    /// <summary>Gets how many of them have scores of both models.</summary>
    public int ScoredRows { get; init; }

    /// <summary>Gets how many of them are rated.</summary>
    public int RatedRows { get; init; }

    /// <summary>Gets the strong model's mean score.</summary>
    public double StrongQuality { get; init; } = double.NaN;

    /// <summary>Gets the weak model's mean score.</summary>
    public double WeakQuality { get; init; } = double.NaN;

    /// <summary>Gets the mean cost of the strong model's answers in USD; NaN if unknown.</summary>
    public double StrongCost { get; init; } = double.NaN;

    /// <summary>Gets the mean cost of the weak model's answers in USD; NaN if unknown.</summary>
    public double WeakCost { get; init; } = double.NaN;

    /// <summary>Gets the average performance gap recovered.</summary>
    public double Apgr { get; init; } = double.NaN;

    /// <summary>Gets the bootstrap interval of <see cref="Apgr"/>.</summary>
    public BootstrapInterval Interval { get; init; } = new(double.NaN, double.NaN);

    /// <summary>Gets the area under the quality over the strong share.</summary>
    public double Auc { get; init; } = double.NaN;

    /// <summary>Gets the strong share that recovers 20% of the performance gap.</summary>
    public double Cpt20 { get; init; } = double.NaN;

    /// <summary>Gets the strong share that recovers 50% of the performance gap.</summary>
    public double Cpt50 { get; init; } = double.NaN;

    /// <summary>Gets the bootstrap interval of <see cref="Cpt50"/>.</summary>
    public BootstrapInterval Cpt50Interval { get; init; } = new(double.NaN, double.NaN);

    /// <summary>Gets the strong share that recovers 80% of the performance gap.</summary>
    public double Cpt80 { get; init; } = double.NaN;

    /// <summary>Gets the bootstrap interval of <see cref="Cpt80"/>.</summary>
    public BootstrapInterval Cpt80Interval { get; init; } = new(double.NaN, double.NaN);

    /// <summary>Gets APGR by <see cref="RouteLlmMetrics"/>, to compare with figures that RouteLLM's program printed; NaN where it fails, as it does on many equal win probabilities.</summary>
    [JsonPropertyName("routellm_apgr")]
    public double RouteLlmApgr { get; init; } = double.NaN;

    /// <summary>Gets CPT(50%) by <see cref="RouteLlmMetrics"/>, in percent.</summary>
    [JsonPropertyName("routellm_cpt50")]
    public double RouteLlmCpt50 { get; init; } = double.NaN;

    /// <summary>Gets CPT(80%) by <see cref="RouteLlmMetrics"/>, in percent.</summary>
    [JsonPropertyName("routellm_cpt80")]
    public double RouteLlmCpt80 { get; init; } = double.NaN;

    /// <summary>Gets the APGR of the oracle.</summary>
    public double OracleApgr { get; init; } = double.NaN;

    /// <summary>Gets the mean score of each prompt's better answer.</summary>
    public double OracleQuality { get; init; } = double.NaN;

    /// <summary>Gets Spearman's rank correlation of win probabilities and ratings.</summary>
    public double RankCorrelation { get; init; } = double.NaN;

    /// <summary>Gets the expected calibration error.</summary>
    public double CalibrationError { get; init; } = double.NaN;

    /// <summary>Gets what the router does at the evaluation's threshold, or <see langword="null"/> if no row is scored.</summary>
    public OperatingPoint? OperatingPoint { get; init; }

    /// <summary>Gets the bootstrap interval of the operating point's quality.</summary>
    public BootstrapInterval QualityInterval { get; init; } = new(double.NaN, double.NaN);

    /// <summary>Gets what should be known when reading the numbers.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    internal static SliceSummary Create(EvaluationSlice slice)
    {
        RouteLlmResult? routeLlm = RouteLlm(slice);
        return new()
        {
            Name = slice.Name,
            Rows = slice.Rows,
            ScoredRows = slice.ScoredRows,
            RatedRows = slice.RatedRows,
            StrongQuality = slice.StrongQuality,
            WeakQuality = slice.WeakQuality,
            StrongCost = slice.StrongCost ?? double.NaN,
            WeakCost = slice.WeakCost ?? double.NaN,
            Apgr = slice.Apgr,
            Interval = slice.ApgrInterval,
            Auc = slice.Auc,
            Cpt20 = slice.Cpt20,
            Cpt50 = slice.Cpt50,
            Cpt50Interval = slice.Cpt50Interval,
            Cpt80 = slice.Cpt80,
            Cpt80Interval = slice.Cpt80Interval,
            RouteLlmApgr = routeLlm?.Apgr ?? double.NaN,
            RouteLlmCpt50 = routeLlm?.Cpt50 ?? double.NaN,
            RouteLlmCpt80 = routeLlm?.Cpt80 ?? double.NaN,
            OracleApgr = slice.OracleApgr,
            OracleQuality = slice.OracleQuality,
            RankCorrelation = slice.RankCorrelation,
            CalibrationError = slice.ExpectedCalibrationError,
            OperatingPoint = slice.OperatingPoint,
            QualityInterval = slice.QualityInterval,
            Notes = slice.Notes,
        };
    }

    private static RouteLlmResult? RouteLlm(EvaluationSlice slice)
    {
        double[] Of(Func<EvaluatedRow, double> value) => [.. slice.Scored.Select(value)];
        try
        {
            return slice.ScoredRows == 0 ? null : RouteLlmMetrics.Evaluate(Of(static row => row.WinProbability), Of(static row => row.StrongScore), Of(static row => row.WeakScore));
        }
        catch (ArgumentException)
        {
            // Two of its thresholds are equal, on which the program fails.
            return null;
        }
    }
}
