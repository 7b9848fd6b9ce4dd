using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;

namespace RouteLLM.Reporting;

/// <summary>Pictures of how routers do.</summary>
/// <remarks>
/// Each method gives a ScottPlot <see cref="Plot"/>: <c>SavePng(path, 900, 560)</c> and <c>SaveSvg(path, 900, 560)</c> write it, and anything of it may be changed before. Text is drawn with the fonts of the system, of which there must be one.
/// </remarks>
public static class EvaluationPlots
{
    // More cannot be seen, and make an SVG large.
    private const int MaxCorners = 1000;

    /// <summary>Draws the quality of routers over what it costs, with their bootstrap intervals, both models alone, a random router and the oracle.</summary>
    /// <param name="evaluations">The evaluations, of the same models on the same rows; at least one.</param>
    /// <param name="options">What to show; the defaults if <see langword="null"/>.</param>
    /// <returns>The picture.</returns>
    /// <exception cref="EvaluationException">The evaluations do not belong together, there is no such slice, or none of its rows has scores.</exception>
    public static Plot CostQuality(IReadOnlyList<RouterEvaluation> evaluations, PlotOptions? options = null)
    {
        options ??= new();
        EvaluationSet.Require(evaluations);
        EvaluationSlice[] slices = [.. evaluations.Select(evaluation => EvaluationSet.Slice(evaluation, options.Slice))];
        if (slices[0].Curve is not { } first)
        {
            throw new EvaluationException($"No row of the slice \"{options.Slice}\" has scores of both models, so there is no curve to draw.");
        }

        bool isCost = options.Axis == CurveAxis.CostIfKnown && slices.All(static slice => slice.Curve!.Costs is not null);
        RouterEvaluation any = evaluations[0];
        Plot plot = PlotStyle.Create(options.Title ?? $"Quality of {any.StrongModel} and {any.WeakModel}{Of(options)}", isCost ? "cost of 1,000 answers (USD)" : "share of prompts sent to the strong model", $"mean score ({any.Scale})");
        var ends = (Weak: X(first, 0, isCost), Strong: X(first, 1, isCost));

        if (slices[0].OracleCurve is { } oracle && !isCost)
        {
            Line(plot, "oracle", CurveSampling.Choose(oracle.Points.Count, p => oracle.Points[p].StrongShare, MaxCorners).Select(p => oracle.Points[p]), PlotStyle.Quiet, LinePattern.Dashed);
        }
        else
        {
            // Over the cost there is one best point: each prompt to the better model, to the cheaper one if both are as good.
            (double cost, double quality) = OraclePoint(slices[0]);
            Marker best = plot.Add.Marker(cost, quality, MarkerShape.FilledDiamond, 11, PlotStyle.Quiet);
            best.LegendText = "oracle";
        }

        Line(plot, "random on average", [(ends.Weak, first.WeakQuality), (ends.Strong, first.StrongQuality)], PlotStyle.Quiet, LinePattern.Dotted);
        IReadOnlyList<string> names = EvaluationSet.Names(evaluations);
        foreach ((int i, EvaluationSlice slice) in slices.Index())
        {
            CostQualityCurve curve = slice.Curve!;
            if (options.ShowBands)
            {
                var band = CostQualityBand.Create(slice, options: options.Bootstrap);
                double[] xs = [.. band.StrongShares.Select(share => X(curve, share, isCost))];
                FillY fill = plot.Add.FillY(xs, [.. band.Qualities.Select(static interval => interval.Low)], [.. band.Qualities.Select(static interval => interval.High)]);
                fill.FillColor = PlotStyle.Of(i).WithAlpha(0.14);
                fill.LineWidth = 0;
            }

            string apgr = double.IsNaN(slice.Apgr) ? "" : string.Create(CultureInfo.InvariantCulture, $", APGR {slice.Apgr:0.00}");
            Line(plot, names[i] + apgr, CurveSampling.Choose(curve.Points.Count, p => curve.Points[p].StrongShare, MaxCorners).Select(p => (isCost ? curve.Costs![p] * 1000 : curve.Points[p].StrongShare, curve.Points[p].Quality)), PlotStyle.Of(i), LinePattern.Solid);
        }

        Model(plot, any.WeakModel, ends.Weak, first.WeakQuality, ends.Weak <= ends.Strong, isAbove: false);
        Model(plot, any.StrongModel, ends.Strong, first.StrongQuality, ends.Strong < ends.Weak, isAbove: true);
        plot.ShowLegend(Alignment.LowerRight);
        if (!isCost)
        {
            plot.Axes.SetLimitsX(-0.02, 1.02);
            plot.Axes.Bottom.TickGenerator = PlotStyle.Percents();
        }

        return plot;
    }

    /// <summary>Draws how many prompts get which win probability, and on which side of the threshold they are.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="options">What to show; the defaults if <see langword="null"/>.</param>
    /// <returns>The picture.</returns>
    /// <exception cref="EvaluationException">There is no such slice.</exception>
    public static Plot WinProbabilities(RouterEvaluation evaluation, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        options ??= new();
        EvaluationSlice slice = EvaluationSet.Slice(evaluation, options.Slice);
        ScoreHistogram histogram = ScoreHistogram.Create(slice.EvaluatedRows.Select(static row => row.WinProbability), evaluation.Threshold);
        Plot plot = PlotStyle.Create(options.Title ?? $"Win probabilities by {evaluation.Router}{Of(options)}", "win probability", "prompts");

        plot.Add.Bars(histogram.Counts.Select((count, i) => new Bar
        {
            Position = histogram.Low + ((i + 0.5) * histogram.Width),
            Size = histogram.Width * 0.92,
            Value = count,
            FillColor = histogram.Low + ((i + 0.5) * histogram.Width) >= evaluation.Threshold ? PlotStyle.Strong : PlotStyle.Weak,
            LineWidth = 0,
        }).ToArray());
        plot.Legend.ManualItems.Add(new LegendItem { LabelText = $"to {evaluation.WeakModel}", FillColor = PlotStyle.Weak, LineWidth = 0 });
        plot.Legend.ManualItems.Add(new LegendItem { LabelText = $"to {evaluation.StrongModel}", FillColor = PlotStyle.Strong, LineWidth = 0 });
        if (double.IsFinite(evaluation.Threshold))
        {
            double share = slice.EvaluatedRows.Average(row => row.WinProbability >= evaluation.Threshold ? 1.0 : 0);
            VerticalLine line = plot.Add.VerticalLine(evaluation.Threshold, 2, PlotStyle.Ink);
            line.LegendText = string.Create(CultureInfo.InvariantCulture, $"threshold {evaluation.Threshold:0.000}, {share * 100:0.#}% strong");
        }

        plot.Axes.SetLimits(Math.Max(0, histogram.Low), histogram.Low + (histogram.Width * histogram.Counts.Count), 0, histogram.Counts.Max() * 1.08);
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    /// <summary>Draws how often the strong model is better, or how it was rated, where the router predicted so much: a reliability diagram. On the diagonal, predictions are right.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="options">What to show; the defaults if <see langword="null"/>.</param>
    /// <returns>The picture; the larger a dot, the more prompts it stands for.</returns>
    /// <exception cref="EvaluationException">There is no such slice.</exception>
    public static Plot Reliability(RouterEvaluation evaluation, PlotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        options ??= new();
        EvaluationSlice slice = EvaluationSet.Slice(evaluation, options.Slice);
        IReadOnlyList<ReliabilityPoint> points = ReliabilityPoint.Create(slice.CalibrationBins);
        Plot plot = PlotStyle.Create(
            options.Title ?? string.Create(CultureInfo.InvariantCulture, $"Reliability of {evaluation.Router}{Of(options)}: calibration error {slice.ExpectedCalibrationError:0.000}"),
            "predicted win probability", "how often the strong model was better");
        Line(plot, "calibrated", [(0, 0), (1, 1)], PlotStyle.Quiet, LinePattern.Dotted);
        int most = points.Max(static point => point.Count);
        foreach (ReliabilityPoint point in points)
        {
            Scatter whisker = plot.Add.ScatterLine(new[] { point.Prediction, point.Prediction }, new[] { point.Low, point.High }, PlotStyle.Of(0));
            whisker.LineWidth = 1.5f;
            float size = (float)(5 + (13 * Math.Sqrt((double)point.Count / most)));
            plot.Add.Marker(point.Prediction, point.Outcome, MarkerShape.FilledCircle, size, PlotStyle.Of(0));
            Text label = plot.Add.Text(point.Count.ToString("n0", CultureInfo.InvariantCulture), point.Prediction, point.High);
            PlotStyle.Label(label, Alignment.LowerCenter);
            label.LabelFontSize = 11;
            label.OffsetY = -size / 2;
        }

        plot.Axes.SetLimits(-0.02, 1.02, -0.02, 1.06);
        plot.Axes.Bottom.TickGenerator = PlotStyle.Percents();
        plot.Axes.Left.TickGenerator = PlotStyle.Percents();
        return plot;
    }

    private static string Of(PlotOptions options) => options.Slice == QualityRequirement.Overall ? "" : $" on {options.Slice}";

    /// <summary>Gives the place of a strong share on the horizontal axis.</summary>
    private static double X(CostQualityCurve curve, double strongShare, bool isCost)
    {
        if (!isCost)
        {
            return strongShare;
        }

        int i = Enumerable.Range(0, curve.Points.Count).First(i => curve.Points[i].StrongShare >= strongShare);
        if (i == 0)
        {
            return curve.Costs![0] * 1000;
        }

        double before = curve.Points[i - 1].StrongShare, part = (strongShare - before) / (curve.Points[i].StrongShare - before);
        return (curve.Costs![i - 1] + (part * (curve.Costs[i] - curve.Costs[i - 1]))) * 1000;
    }

    private static (double Cost, double Quality) OraclePoint(EvaluationSlice slice)
    {
        EvaluatedRow[] scored = [.. slice.EvaluatedRows.Where(static row => row.IsScored)];
        static bool IsStrong(EvaluatedRow row) => row.StrongScore > row.WeakScore || (row.StrongScore == row.WeakScore && row.StrongCost < row.WeakCost);
        return (scored.Average(static row => IsStrong(row) ? row.StrongCost : row.WeakCost) * 1000, slice.OracleQuality);
    }

    private static void Line(Plot plot, string name, IEnumerable<(double X, double Y)> points, Color color, LinePattern pattern)
    {
        (double X, double Y)[] all = [.. points];
        Scatter line = plot.Add.ScatterLine(Array.ConvertAll(all, static point => point.X), Array.ConvertAll(all, static point => point.Y), color);
        line.LegendText = name;
        line.LineWidth = 2;
        line.LinePattern = pattern;
    }

    private static void Model(Plot plot, string name, double x, double y, bool isLeft, bool isAbove)
    {
        plot.Add.Marker(x, y, MarkerShape.FilledCircle, 10, PlotStyle.Ink);
        Text label = plot.Add.Text(name, x, y);
        PlotStyle.Label(label, (isLeft, isAbove) switch
        {
            (true, true) => Alignment.LowerLeft,
            (true, false) => Alignment.UpperLeft,
            (false, true) => Alignment.LowerRight,
            (false, false) => Alignment.UpperRight,
        });
        label.LabelBackgroundColor = Colors.White.WithAlpha(0.6);
        label.OffsetX = isLeft ? 8 : -8;
        label.OffsetY = isAbove ? -12 : 8;
    }
}
