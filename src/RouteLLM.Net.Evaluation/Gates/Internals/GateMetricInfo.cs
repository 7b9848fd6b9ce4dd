namespace RouteLLM.Evaluation;

/// <summary>What a gate needs to know of a metric.</summary>
internal sealed record GateMetricInfo(GateMetric Metric, string Name, string Description, bool MoreIsBetter, bool IsUnit, Func<SliceSummary, double> ValueOf)
{
    public static IReadOnlyList<GateMetricInfo> All { get; } =
    [
        new(GateMetric.Apgr, "apgr", "APGR", true, true, static slice => slice.Apgr),
        new(GateMetric.Cpt50, "cpt50", "CPT(50%)", false, true, static slice => slice.Cpt50),
        new(GateMetric.Cpt80, "cpt80", "CPT(80%)", false, true, static slice => slice.Cpt80),
        new(GateMetric.Quality, "quality", "quality", true, false, static slice => slice.OperatingPoint?.Quality ?? double.NaN),
        new(GateMetric.QualityRetained, "retained", "quality as a part of the strong model's", true, true, static slice => slice.OperatingPoint?.QualityRetained ?? double.NaN),
        new(GateMetric.GapRecovered, "gap", "performance gap recovered", true, true, static slice => slice.OperatingPoint?.PerformanceGapRecovered ?? double.NaN),
        new(GateMetric.BestModelShare, "best", "share of prompts sent to the better model", true, true, static slice => slice.OperatingPoint?.BestModelShare ?? double.NaN),
        new(GateMetric.StrongShare, "share", "strong share", false, true, static slice => slice.OperatingPoint?.StrongShare ?? double.NaN),
        new(GateMetric.Cost, "cost", "cost as a part of the strong model's", false, true, static slice => 1 - (slice.OperatingPoint?.CostSaved ?? double.NaN)),
        new(GateMetric.CostUsd, "usd", "cost of an answer in USD", false, false, static slice => slice.OperatingPoint?.Cost ?? double.NaN),
        new(GateMetric.RankCorrelation, "rho", "rank correlation", true, true, static slice => slice.RankCorrelation),
        new(GateMetric.CalibrationError, "ece", "calibration error", false, true, static slice => slice.CalibrationError),
    ];

    public static GateMetricInfo Of(GateMetric metric) => All.FirstOrDefault(info => info.Metric == metric) ?? throw new ArgumentOutOfRangeException(nameof(metric), metric, "There is no such metric.");

    /// <summary>Says whether a value is no worse than another, but for what the last digits of a mean are rounded by.</summary>
    public bool Holds(double value, double bound)
    {
        double rounding = 1e-12 * (Math.Abs(value) + Math.Abs(bound));
        return MoreIsBetter ? value >= bound - rounding : value <= bound + rounding;
    }

    /// <summary>Gives the worst value that still counts as no fall from another: off by the tolerance, which for what lies in [0, 1] is absolute and for what has a unit a part of the value.</summary>
    public double Loosen(double value, double tolerance)
    {
        double slack = IsUnit ? tolerance : tolerance * Math.Abs(value);
        return MoreIsBetter ? value - slack : value + slack;
    }
}
