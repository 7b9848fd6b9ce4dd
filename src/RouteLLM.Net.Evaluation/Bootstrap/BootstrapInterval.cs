namespace RouteLLM.Evaluation;

/// <summary>A percentile bootstrap interval: between which values a statistic falls when the prompts are drawn again with replacement (Efron, 1979).</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct BootstrapInterval(double Low, double High)
{
    /// <summary>Gets half the interval's width, for writing "value +- half width".</summary>
    public double HalfWidth => (High - Low) / 2;

    /// <summary>Computes the interval.</summary>
    /// <param name="count">How many items the statistic is computed over, at least 1.</param>
    /// <param name="statistic">Computes the statistic over the items with the given indices, <paramref name="count"/> of them, with repetitions; NaN is skipped.</param>
    /// <param name="resamples">How often to draw, at least 1; 1,000 by default.</param>
    /// <param name="confidence">The share of resampled values inside the interval; 0.95 by default.</param>
    /// <param name="seed">The seed: the same seed gives the same interval.</param>
    /// <returns>The interval; its ends are NaN if the statistic always is.</returns>
    public static BootstrapInterval Create(int count, Func<int[], double> statistic, int resamples = 1000, double confidence = 0.95, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(statistic);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        RequireConfidence(confidence);
        var random = new Random(seed);
        var indices = new int[count];
        var values = new List<double>(resamples);
        for (int resample = 0; resample < resamples; resample++)
        {
            for (int i = 0; i < count; i++)
            {
                indices[i] = random.Next(count);
            }

            double value = statistic(indices);
            if (!double.IsNaN(value))
            {
                values.Add(value);
            }
        }

        return FromValues(values, confidence);
    }

    /// <summary>Takes the interval of values that a statistic had on resamples.</summary>
    /// <param name="values">The values; NaN is skipped.</param>
    /// <param name="confidence">The share of values inside the interval; 0.95 by default.</param>
    /// <returns>The interval; its ends are NaN if there are no values.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="confidence"/> is not between 0 and 1.</exception>
    public static BootstrapInterval FromValues(IEnumerable<double> values, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(values);
        RequireConfidence(confidence);
        double[] sorted = [.. values.Where(static value => !double.IsNaN(value))];
        if (sorted.Length == 0)
        {
            return new BootstrapInterval(double.NaN, double.NaN);
        }

        Array.Sort(sorted);
        double tail = (1 - confidence) / 2;
        return new BootstrapInterval(OrderStatistics.Quantile(sorted, tail), OrderStatistics.Quantile(sorted, 1 - tail));
    }

    private static void RequireConfidence(double confidence)
    {
        if (confidence is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence lies between 0 and 1.");
        }
    }
}
