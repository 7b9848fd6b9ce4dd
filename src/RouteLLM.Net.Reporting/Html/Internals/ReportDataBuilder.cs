using System.Globalization;

namespace RouteLLM.Reporting;

/// <summary>Takes from evaluations what a report shows, in a size that a page can hold.</summary>
internal static class ReportDataBuilder
{
    private static readonly (RouterMetric Metric, string Name)[] s_compared =
    [
        (RouterMetric.Apgr, "APGR"), (RouterMetric.Cpt50, "CPT(50%)"), (RouterMetric.Cpt80, "CPT(80%)"), (RouterMetric.Quality, "quality at its threshold"), (RouterMetric.Cost, "cost at its threshold (USD)"),
    ];

    public static ReportData Build(IReadOnlyList<RouterEvaluation> evaluations, HtmlReportOptions options, CancellationToken cancellationToken)
    {
        RouterEvaluation first = evaluations[0];
        IReadOnlyList<string> names = EvaluationSet.Names(evaluations);
        CostQualityCurve? oracle = first.Overall.OracleCurve;
        return new ReportData
        {
            Title = options.Title ?? $"Routing between {first.StrongModel} and {first.WeakModel}",
            Description = options.Description,
            CreatedAt = (options.CreatedAt ?? DateTimeOffset.Now).ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture),
            StrongModel = first.StrongModel,
            WeakModel = first.WeakModel,
            Scale = first.Scale.ToString(),
            Confidence = options.Bootstrap.Confidence,
            HasCosts = first.Overall.StrongCost is not null,
            Overall = Row(first.Overall, first.Threshold),
            Oracle = oracle is null ? [] : [.. CurveSampling.Choose(oracle.Points.Count, i => oracle.Points[i].StrongShare, options.MaxPoints).Select(i => new[] { oracle.Points[i].StrongShare, oracle.Points[i].Quality })],
            Routers = [.. evaluations.Select((evaluation, i) => Router(evaluation, names[i], options, cancellationToken))],
            Differences = [.. evaluations.Skip(1).SelectMany((evaluation, i) => Differences(first, evaluation, names[i + 1], options, cancellationToken))],
        };
    }

    private static ReportRouter Router(RouterEvaluation evaluation, string name, HtmlReportOptions options, CancellationToken cancellationToken)
    {
        EvaluationSlice slice = evaluation.Overall;
        ReportPoints points = Points(slice, evaluation.Threshold, options.MaxPoints);
        int start = CurveSampling.IndexOf(points.Thresholds, evaluation.Threshold);

        // Between two corners every threshold decides the same; here the one that was evaluated is shown.
        points.Thresholds[start] = evaluation.Threshold;
        return new ReportRouter
        {
            Name = name,
            Fingerprint = evaluation.Fingerprint,
            Threshold = evaluation.Threshold,
            Start = start,
            Points = points,
            Band = slice.Curve is null ? [] : Band(slice, options, cancellationToken),
            Histogram = ScoreHistogram.Create(slice.EvaluatedRows.Select(static row => row.WinProbability)),
            CalibrationError = slice.ExpectedCalibrationError,
            Reliability = ReliabilityPoint.Create(slice.CalibrationBins),
            Slices = [.. evaluation.Slices.Prepend(slice).Select(part => Row(part, evaluation.Threshold))],
            Notes = slice.Notes,
            Examples = ExampleSelection.Choose(slice.EvaluatedRows, evaluation.Threshold, options),
        };
    }

    private static ReportPoints Points(EvaluationSlice slice, double threshold, int max)
    {
        if (slice.Curve is { } curve)
        {
            int[] chosen = CurveSampling.Choose(curve.Points.Count, i => curve.Points[i].StrongShare, max, CurveSampling.IndexOf(curve.Thresholds, threshold));
            return new ReportPoints(
                [.. chosen.Select(i => curve.Thresholds[i])],
                [.. chosen.Select(i => curve.Points[i].StrongShare)],
                [.. chosen.Select(i => curve.Points[i].Quality)],
                curve.Costs is null ? [] : [.. chosen.Select(i => curve.Costs[i])]);
        }

        // Without scores there is still a share of prompts at every threshold; the curve of worthless answers has it.
        double[] nothing = new double[slice.Rows];
        CostQualityCurve shares = CostQualityCurve.Create([.. slice.EvaluatedRows.Select(static row => row.WinProbability)], nothing, nothing);
        int[] places = CurveSampling.Choose(shares.Points.Count, i => shares.Points[i].StrongShare, max, CurveSampling.IndexOf(shares.Thresholds, threshold));
        return new ReportPoints([.. places.Select(i => shares.Thresholds[i])], [.. places.Select(i => shares.Points[i].StrongShare)], [], []);
    }

    private static double[][] Band(EvaluationSlice slice, HtmlReportOptions options, CancellationToken cancellationToken)
    {
        var band = CostQualityBand.Create(slice, options: options.Bootstrap, cancellationToken: cancellationToken);
        return [.. band.StrongShares.Select((share, i) => new[] { share, band.Qualities[i].Low, band.Qualities[i].High })];
    }

    private static ReportRow Row(EvaluationSlice slice, double threshold) => new()
    {
        Name = slice.Name,
        Rows = slice.Rows,
        ScoredRows = slice.ScoredRows,
        WeakQuality = slice.WeakQuality,
        StrongQuality = slice.StrongQuality,
        Apgr = slice.Apgr,
        ApgrLow = slice.ApgrInterval.Low,
        ApgrHigh = slice.ApgrInterval.High,
        Cpt50 = slice.Cpt50,
        Cpt80 = slice.Cpt80,
        RankCorrelation = slice.RankCorrelation,
        CalibrationError = slice.ExpectedCalibrationError,
        StrongShare = slice.OperatingPoint?.StrongShare ?? slice.EvaluatedRows.Average(row => row.WinProbability >= threshold ? 1.0 : 0),
        QualityRetained = slice.OperatingPoint?.QualityRetained ?? double.NaN,
        CostSaved = slice.OperatingPoint?.CostSaved ?? double.NaN,
    };

    private static IEnumerable<ReportDifference> Differences(RouterEvaluation first, RouterEvaluation other, string name, HtmlReportOptions options, CancellationToken cancellationToken)
    {
        if (first.Overall.Curve is null)
        {
            return [];
        }

        ComparedSlice compared = RouterComparison.Create(other, first, options.Bootstrap, cancellationToken).Overall;
        return s_compared
            .Select(metric => (metric.Name, Difference: compared.Differences[metric.Metric]))
            .Where(static metric => !double.IsNaN(metric.Difference.Difference))
            .Select(metric => new ReportDifference(
                name, metric.Name, metric.Difference.First, metric.Difference.Second, metric.Difference.Difference, metric.Difference.Interval.Low, metric.Difference.Interval.High, metric.Difference.PValue));
    }
}
