using System.Globalization;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands.Evaluating;

/// <summary>Evaluations and comparisons as tables.</summary>
internal static class EvaluationTables
{
    public static ResultTable Of(EvaluationSummary summary)
    {
        // What no row has a number of would be a column of dashes.
        IReadOnlyList<SliceSummary> slices = [.. summary.Slices, summary.Overall];
        (string Header, Func<SliceSummary, string> Show, bool IsShown)[] columns =
        [
            ("source", static slice => slice.Name, true),
            ("#rows", static slice => slice.Rows.ToString("n0", CultureInfo.InvariantCulture), true),
            ("#weak", static slice => Number(slice.WeakQuality), Any(static slice => slice.WeakQuality)),
            ("#strong", static slice => Number(slice.StrongQuality), Any(static slice => slice.StrongQuality)),
            ("#APGR", static slice => WithMargin(slice.Apgr, slice.Interval), Any(static slice => slice.Apgr)),
            ("#CPT50", static slice => Percent(slice.Cpt50), Any(static slice => slice.Cpt50)),
            ("#CPT80", static slice => Percent(slice.Cpt80), Any(static slice => slice.Cpt80)),
            ("#share", static slice => Percent(slice.OperatingPoint?.StrongShare ?? double.NaN), Any(static slice => slice.OperatingPoint?.StrongShare ?? double.NaN)),
            ("#kept", static slice => Percent(slice.OperatingPoint?.QualityRetained ?? double.NaN), Any(static slice => slice.OperatingPoint?.QualityRetained ?? double.NaN)),
            ("#saved", static slice => Percent(slice.OperatingPoint?.CostSaved ?? double.NaN), Any(static slice => slice.OperatingPoint?.CostSaved ?? double.NaN)),
            ("#rho", static slice => Number(slice.RankCorrelation), Any(static slice => slice.RankCorrelation)),
            ("#ECE", static slice => Number(slice.CalibrationError), Any(static slice => slice.CalibrationError)),
        ];
        columns = [.. columns.Where(static column => column.IsShown)];
        var table = ResultTable.Of([.. columns.Select(static column => column.Header)]);
        table.Title = string.Create(CultureInfo.InvariantCulture, $"{summary.Router}: {summary.StrongModel} against {summary.WeakModel}, threshold {summary.Threshold:0.#####}");
        foreach (SliceSummary slice in slices)
        {
            table.Add([.. columns.Select(column => column.Show(slice))]);
        }

        return table;

        bool Any(Func<SliceSummary, double> value) => slices.Any(slice => !double.IsNaN(value(slice)));
    }

    public static string WithMargin(double value, BootstrapInterval interval) => double.IsNaN(interval.HalfWidth) ? Number(value) : $"{Number(value)} ±{Number(interval.HalfWidth)}";

    public static string Number(double value) => double.IsNaN(value) ? "-" : value != 0 && Math.Abs(value) < 0.001 ? value.ToString("0.##e0", CultureInfo.InvariantCulture) : value.ToString("0.000", CultureInfo.InvariantCulture);

    public static string Percent(double value) => double.IsNaN(value) ? "-" : string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.0}%");
}
