using System.Globalization;
using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace AdaptRouter;

/// <summary>Prints what adapting gave.</summary>
internal static class Report
{
    public static void Print(AdaptedRouter adapted, TextWriter output)
    {
        AdaptationReport report = adapted.Report!;
        foreach (AdaptationSetReport set in report.Sets)
        {
            output.WriteLine(Invariant($"{set.Name}: {set.Rows} rows, weight {set.Weight}{(set.IsReplay ? ", replayed" : "")}; log loss {set.LogLossBefore:0.000} before, {set.LogLossAfter:0.000} after"));
        }

        output.WriteLine(adapted.KeepsOriginal
            ? "Cross-validation found nothing worth changing."
            : Invariant($"logit = {adapted.Scale:0.00} * original {adapted.Offset:+ 0.00;- 0.00}{(double.IsFinite(adapted.FeaturePenalty) ? Invariant($" + corrections of features (ridge {adapted.FeaturePenalty})") : "")}"));
        output.WriteLine();
        output.WriteLine($"{"held out",-20} {"before",8} {"after",8}   95% interval of the difference");
        Print("log loss", report.LogLoss, output);
        Print("rank correlation", report.RankCorrelation, output);
        Print("calibration error", report.CalibrationError, output);
        if (report.Apgr is { } apgr)
        {
            Print("APGR", apgr, output);
        }

        output.WriteLine();
        output.WriteLine(report.Summary);
    }

    public static void Print(AdaptationSet set, LearningCurve curve, TextWriter output)
    {
        output.WriteLine(Invariant($"{set.Name}: {(set.Gains is null ? "rank correlation" : "APGR")} on {curve.HeldBackRows:0} held-back rows, mean of {curve.Points[0].Qualities.Count} repetitions"));
        output.WriteLine($"{"labels",8} {"quality",8}   95% interval");
        foreach (LearningCurvePoint point in new[] { curve.Before! }.Concat(curve.Points))
        {
            output.WriteLine(Invariant($"{point.Labels,8} {point.Mean,8:0.000}   {point.Interval.Low:0.000} to {point.Interval.High:0.000}"));
        }

        int most = curve.Points[^1].Labels;
        output.WriteLine(curve.Fit.IsFlat
            ? Invariant($"The curve does not rise: {curve.Fit.Limit:0.000} whatever the number of labels.")
            : Invariant($"quality = {curve.Fit.Limit:0.000} - {curve.Fit.Scale:0.000} * n^-{curve.Fit.Rate:0.00} (limit {curve.LimitInterval.Low:0.000} to {curve.LimitInterval.High:0.000}); with {2 * most} labels {curve.Fit.Predict(2 * most):0.000}, with {10 * most} labels {curve.Fit.Predict(10 * most):0.000}"));
        output.WriteLine(curve.Summary);
        output.WriteLine();
    }

    private static void Print(string name, QualityChange change, TextWriter output) =>
        output.WriteLine(Invariant($"{name,-20} {change.Before,8:0.000} {change.After,8:0.000}   {change.Difference.Low:+0.000;-0.000;0.000} to {change.Difference.High:+0.000;-0.000;0.000}"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
