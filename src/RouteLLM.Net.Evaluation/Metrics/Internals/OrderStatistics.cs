namespace RouteLLM.Evaluation;

/// <summary>Quantiles of sorted values.</summary>
internal static class OrderStatistics
{
    /// <summary>Interpolates linearly between order statistics, with NumPy's order of operations, so that results agree with it to the last bit.</summary>
    public static double Quantile(ReadOnlySpan<double> sorted, double q)
    {
        double position = (sorted.Length - 1) * (q * 100 / 100);
        int low = Math.Min((int)position, sorted.Length - 1);
        int high = Math.Min(low + 1, sorted.Length - 1);
        double fraction = position - low;
        double difference = sorted[high] - sorted[low];
        return fraction >= 0.5 ? sorted[high] - (difference * (1 - fraction)) : sorted[low] + (difference * fraction);
    }
}
