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

    /// <summary>Gives the threshold at which a share of these scores is strong, by the rule of <see cref="ScoreQuantiles.ThresholdForStrongShare"/>, but from all scores instead of a thousand quantiles.</summary>
    public static double ThresholdForStrongShare(IEnumerable<double> scores, double strongShare)
    {
        double[] sorted = [.. scores.Order()];
        return strongShare switch
        {
            0 => double.PositiveInfinity,
            1 => 0,
            _ => Quantile(sorted, 1 - strongShare),
        };
    }
}
