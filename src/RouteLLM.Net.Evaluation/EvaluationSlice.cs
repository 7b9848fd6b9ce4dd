namespace RouteLLM.Evaluation;

/// <summary>How a router does on some of the rows: all of them, or those of one source.</summary>
/// <remarks>
/// What needs scores is NaN where no row has any, and what needs ratings where none has. <see cref="Notes"/> says when a number means less than it seems to. See <see cref="CostQualityCurve"/> for models that are equally good, and for a strong one that is worse.
/// </remarks>
public sealed class EvaluationSlice
{
    private readonly EvaluatedRow[] _rows;
    private readonly EvaluatedRow[] _scored;

    internal EvaluationSlice(string name, EvaluatedRow[] rows, double threshold, EvaluationOptions options, CancellationToken cancellationToken)
    {
        Name = name;
        _rows = rows;
        _scored = [.. rows.Where(static row => row.IsScored)];
        SweepStatistic = _scored.Length == 0 ? null : new SweepStatistic(Of(static row => row.WinProbability), Of(static row => row.StrongScore), Of(static row => row.WeakScore));
        if (SweepStatistic is not null)
        {
            bool hasCosts = _scored.All(static row => !double.IsNaN(row.StrongCost) && !double.IsNaN(row.WeakCost));
            Curve = CostQualityCurve.Create(
                Of(static row => row.WinProbability), Of(static row => row.StrongScore), Of(static row => row.WeakScore),
                hasCosts ? Of(static row => row.StrongCost) : [], hasCosts ? Of(static row => row.WeakCost) : []);
            OracleCurve = CostQualityCurve.Create(Of(static row => row.StrongScore - row.WeakScore), Of(static row => row.StrongScore), Of(static row => row.WeakScore));
            OracleQuality = _scored.Average(static row => Math.Max(row.StrongScore, row.WeakScore));
            OracleStrongShare = _scored.Average(static row => row.StrongScore > row.WeakScore ? 1.0 : 0);
            OperatingPoint = AtThreshold(threshold);
            (ApgrInterval, Cpt50Interval, Cpt80Interval, QualityInterval) = Intervals(SweepStatistic, threshold, options, cancellationToken);
        }

        EvaluatedRow[] rated = [.. rows.Where(static row => row.StrongProbability is not null)];
        RatedRows = rated.Length;
        RankCorrelation = Evaluation.RankCorrelation.Spearman(
            Array.ConvertAll(rated, static row => row.WinProbability), Array.ConvertAll(rated, static row => row.StrongProbability!.Value));
        double[] outcomes = Array.ConvertAll(rows, row => Outcome(row, options.TieOutcome));
        double[] predicted = Array.ConvertAll(rows, static row => row.WinProbability);
        CalibrationBins = CalibrationError.Bins(predicted, outcomes, options.CalibrationBins);
        ExpectedCalibrationError = CalibrationError.Expected(predicted, outcomes, options.CalibrationBins);
        Notes = [.. FindNotes()];
    }

    /// <summary>Gets the slice's name: the source, or what the options call it; <c>overall</c> for all rows.</summary>
    public string Name { get; }

    /// <summary>Gets how many rows there are.</summary>
    public int Rows => _rows.Length;

    /// <summary>Gets how many of them have scores of both models.</summary>
    public int ScoredRows => _scored.Length;

    /// <summary>Gets how many of them are rated.</summary>
    public int RatedRows { get; }

    /// <summary>Gets the rows themselves.</summary>
    public IReadOnlyList<EvaluatedRow> EvaluatedRows => _rows;

    /// <summary>Gets the quality at every strong share, or <see langword="null"/> if no row is scored. It has costs if they are known of every scored row.</summary>
    public CostQualityCurve? Curve { get; }

    /// <summary>Gets the curve of a router that knows by how much each model is better, the most that any could reach, or <see langword="null"/>. The curve of a random router is the straight line between the ends.</summary>
    public CostQualityCurve? OracleCurve { get; }

    /// <summary>Gets the strong model's mean score.</summary>
    public double StrongQuality => Curve?.StrongQuality ?? double.NaN;

    /// <summary>Gets the weak model's mean score.</summary>
    public double WeakQuality => Curve?.WeakQuality ?? double.NaN;

    /// <summary>Gets the average performance gap recovered; 0.5 is a random router's.</summary>
    public double Apgr => Curve?.Apgr ?? double.NaN;

    /// <summary>Gets the bootstrap interval of <see cref="Apgr"/>.</summary>
    public BootstrapInterval ApgrInterval { get; } = new(double.NaN, double.NaN);

    /// <summary>Gets the area under the quality over the strong share.</summary>
    public double Auc => Curve?.Auc ?? double.NaN;

    /// <summary>Gets the strong share that recovers 20% of the performance gap.</summary>
    public double Cpt20 => Curve?.StrongShareFor(0.2) ?? double.NaN;

    /// <summary>Gets the strong share that recovers 50% of the performance gap.</summary>
    public double Cpt50 => Curve?.StrongShareFor(0.5) ?? double.NaN;

    /// <summary>Gets the bootstrap interval of <see cref="Cpt50"/>.</summary>
    public BootstrapInterval Cpt50Interval { get; } = new(double.NaN, double.NaN);

    /// <summary>Gets the strong share that recovers 80% of the performance gap.</summary>
    public double Cpt80 => Curve?.StrongShareFor(0.8) ?? double.NaN;

    /// <summary>Gets the bootstrap interval of <see cref="Cpt80"/>.</summary>
    public BootstrapInterval Cpt80Interval { get; } = new(double.NaN, double.NaN);

    /// <summary>Gets the mean score of each prompt's better answer: the most that routing between the two models can reach.</summary>
    public double OracleQuality { get; } = double.NaN;

    /// <summary>Gets the share of prompts on which the strong model is better, which is all that the oracle sends it.</summary>
    public double OracleStrongShare { get; } = double.NaN;

    /// <summary>Gets the APGR of <see cref="OracleCurve"/>.</summary>
    public double OracleApgr => OracleCurve?.Apgr ?? double.NaN;

    /// <summary>Gets what the router does at the evaluation's threshold, or <see langword="null"/> if no row is scored.</summary>
    public OperatingPoint? OperatingPoint { get; }

    /// <summary>Gets the bootstrap interval of the quality at the operating point.</summary>
    public BootstrapInterval QualityInterval { get; } = new(double.NaN, double.NaN);

    /// <summary>Gets the mean cost of the strong model's answers in USD, or <see langword="null"/> if it is not known of every scored row.</summary>
    public double? StrongCost => Curve?.Costs?[^1];

    /// <summary>Gets the mean cost of the weak model's answers in USD, or <see langword="null"/> if it is not known of every scored row.</summary>
    public double? WeakCost => Curve?.Costs?[0];

    /// <summary>Gets Spearman's rank correlation of win probabilities and ratings; NaN if there are fewer than two rated rows, or all are rated or predicted the same.</summary>
    public double RankCorrelation { get; }

    /// <summary>Gets how far win probabilities are from what happened: whether the strong model scored better, or the rating where there is one.</summary>
    public double ExpectedCalibrationError { get; }

    /// <summary>Gets the bins behind <see cref="ExpectedCalibrationError"/>, for a reliability diagram.</summary>
    public IReadOnlyList<CalibrationBin> CalibrationBins { get; }

    /// <summary>Gets what should be known when reading the numbers, in sentences; most often nothing.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Gets the curve's numbers as a function of how often each scored row counts; <see langword="null"/> if no row is scored.</summary>
    internal SweepStatistic? SweepStatistic { get; }

    /// <summary>Gets the rows with scores, in order.</summary>
    internal IReadOnlyList<EvaluatedRow> Scored => _scored;

    /// <summary>Computes what the router does at a threshold.</summary>
    /// <param name="threshold">The threshold: strong when the win probability is at least that.</param>
    /// <returns>The operating point.</returns>
    /// <exception cref="InvalidOperationException">No row is scored.</exception>
    public OperatingPoint AtThreshold(double threshold)
    {
        if (Curve is null)
        {
            throw new InvalidOperationException($"No row of the slice \"{Name}\" has scores of both models, so there is no quality at a threshold.");
        }

        bool IsStrong(EvaluatedRow row) => row.WinProbability >= threshold;
        double quality = _scored.Average(row => IsStrong(row) ? row.StrongScore : row.WeakScore);
        double? cost = Known(_scored.Average(row => IsStrong(row) ? row.StrongCost : row.WeakCost));
        return new OperatingPoint
        {
            Threshold = threshold,
            StrongShare = _scored.Average(row => IsStrong(row) ? 1.0 : 0),
            Quality = quality,
            QualityRetained = StrongQuality == 0 ? double.NaN : quality / StrongQuality,
            PerformanceGapRecovered = PerformanceGap.IsZero(WeakQuality, StrongQuality) ? double.NaN : (quality - WeakQuality) / (StrongQuality - WeakQuality),
            BestModelShare = _scored.Average(row => IsStrong(row) ? (row.StrongScore >= row.WeakScore ? 1.0 : 0) : (row.WeakScore >= row.StrongScore ? 1.0 : 0)),
            Cost = cost,
            CostSaved = cost is null || StrongCost is not { } strongCost ? null : strongCost == 0 ? double.NaN : 1 - (cost.Value / strongCost),
            Latency = Known(_scored.Average(row => IsStrong(row) ? row.StrongLatency : row.WeakLatency)),
        };
    }

    /// <summary>Computes what the router does when a share of these rows is strong.</summary>
    /// <param name="strongShare">The strong share, in [0, 1]; with equal win probabilities the share reached may be larger.</param>
    /// <returns>The operating point.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="strongShare"/> is not in [0, 1].</exception>
    /// <exception cref="InvalidOperationException">No row is scored.</exception>
    public OperatingPoint AtStrongShare(double strongShare) =>
        strongShare is not (>= 0 and <= 1) ? throw new ArgumentOutOfRangeException(nameof(strongShare), strongShare, "A strong share lies in [0, 1].")
        : AtThreshold(_scored.Length == 0 ? double.NaN : OrderStatistics.ThresholdForStrongShare(_scored.Select(static row => row.WinProbability), strongShare));

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    private static double Outcome(EvaluatedRow row, double tieOutcome) =>
        row.StrongProbability ?? (row.StrongScore > row.WeakScore ? 1 : row.StrongScore < row.WeakScore ? 0 : tieOutcome);

    private double[] Of(Converter<EvaluatedRow, double> value) => Array.ConvertAll(_scored, value);

    private (BootstrapInterval Apgr, BootstrapInterval Cpt50, BootstrapInterval Cpt80, BootstrapInterval Quality) Intervals(
        SweepStatistic sweep, double threshold, EvaluationOptions options, CancellationToken cancellationToken)
    {
        double[] answered = Of(row => row.WinProbability >= threshold ? row.StrongScore : row.WeakScore);
        double[][] values = Resampler.Run(_scored.Length, Evaluation.SweepStatistic.Width + 1, options.Bootstrap, (counts, row) =>
        {
            sweep.Compute(counts, row);
            row[^1] = WeightedMean.Of(answered, counts);
        }, cancellationToken);
        BootstrapInterval Interval(int value) => BootstrapInterval.FromValues(values[value], options.Bootstrap.Confidence);
        return (Interval(Evaluation.SweepStatistic.Apgr), Interval(Evaluation.SweepStatistic.Cpt50), Interval(Evaluation.SweepStatistic.Cpt80), Interval(Evaluation.SweepStatistic.Width));
    }

    private IEnumerable<string> FindNotes()
    {
        if (Curve is null)
        {
            yield return "No row has scores of both models: there is no curve, only rank correlation and calibration.";
            yield break;
        }

        if (PerformanceGap.IsZero(WeakQuality, StrongQuality))
        {
            yield return "Both models are equally good here: there is no gap to recover, and APGR is not defined.";
        }
        else if (StrongQuality < WeakQuality)
        {
            yield return "The strong model is worse than the weak one here: APGR is the part of the loss taken on, so less is better, and CPT is 0.";
        }
        else if (ApgrInterval.HalfWidth > 0.25)
        {
            yield return "There are too few rows, or the models differ too little, to say much about APGR: see its interval.";
        }

        if (Curve.Points.Count == 2)
        {
            yield return "The router gives every prompt the same win probability: no threshold tells them apart.";
        }

        if (StrongCost is null && _scored.Any(static row => !double.IsNaN(row.StrongCost) || !double.IsNaN(row.WeakCost)))
        {
            int known = _scored.Count(static row => !double.IsNaN(row.StrongCost) && !double.IsNaN(row.WeakCost));
            yield return $"The costs of both models are known of {known} of {ScoredRows} rows only, so none are reported.";
        }
    }
}
