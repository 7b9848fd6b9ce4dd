namespace RouteLLM.Evaluation;

/// <summary>How far two statistics of the same items are apart, and whether that could be chance.</summary>
/// <param name="First">The first statistic.</param>
/// <param name="Second">The second statistic.</param>
/// <param name="Interval">The paired bootstrap interval of <paramref name="First"/> - <paramref name="Second"/>; its ends are NaN if a statistic is not defined on any resample.</param>
/// <param name="PValue">
/// The two-sided p-value of there being no difference, by inverting the interval (Efron and Tibshirani, 1993, section 15.4): twice the smaller of the shares of resamples in which the difference is at most, and at least, zero, each with one
/// added to both counts, so that it is never 0; 1 if the statistics never differ, NaN if one is not defined.
/// </param>
public readonly record struct PairedDifference(double First, double Second, BootstrapInterval Interval, double PValue)
{
    /// <summary>Gets the difference, first less second.</summary>
    public double Difference => First - Second;

    internal static PairedDifference Create(double first, double second, double[] firstValues, double[] secondValues, double confidence)
    {
        double[] differences = [.. firstValues.Zip(secondValues, static (a, b) => a - b).Where(static difference => !double.IsNaN(difference))];
        double Tail(Func<double, bool> inTail) => (differences.Count(inTail) + 1.0) / (differences.Length + 1);
        double p = differences.Length == 0 || double.IsNaN(first - second)
            ? double.NaN
            : Math.Min(1, 2 * Math.Min(Tail(static difference => difference <= 0), Tail(static difference => difference >= 0)));
        return new PairedDifference(first, second, BootstrapInterval.FromValues(differences, confidence), p);
    }
}
