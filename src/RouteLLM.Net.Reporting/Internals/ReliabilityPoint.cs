namespace RouteLLM.Reporting;

/// <summary>A bin of a reliability diagram with the uncertainty of what happened.</summary>
/// <param name="Count">How many predictions it holds, at least 1.</param>
/// <param name="Prediction">Their mean.</param>
/// <param name="Outcome">The mean of what happened.</param>
/// <param name="Low">The lower end of Wilson's interval of the outcome.</param>
/// <param name="High">The upper end.</param>
internal readonly record struct ReliabilityPoint(int Count, double Prediction, double Outcome, double Low, double High)
{
    // The 97.5% quantile of the normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>Makes the points of all bins that hold predictions, with 95% intervals (Wilson, 1927). For ratings, which vary less than wins and losses, the intervals are too wide.</summary>
    public static IReadOnlyList<ReliabilityPoint> Create(IEnumerable<CalibrationBin> bins) => [.. bins.Where(static bin => bin.Count > 0).Select(Create)];

    private static ReliabilityPoint Create(CalibrationBin bin)
    {
        double n = bin.Count, p = bin.MeanOutcome, shrink = 1 + (Z * Z / n);
        double center = (p + (Z * Z / (2 * n))) / shrink;
        double half = Z * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n))) / shrink;

        // At 0 and 1 an end is what happened, but for rounding.
        return new ReliabilityPoint(bin.Count, bin.MeanPrediction, p, Math.Clamp(center - half, 0, p), Math.Clamp(center + half, p, 1));
    }
}
