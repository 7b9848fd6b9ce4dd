namespace RouteLLM.Diagnostics;

/// <summary>The population stability index (PSI): how far a distribution over categories has moved from another.</summary>
/// <remarks>
/// <para>
/// PSI = sum over the categories of (a - e) ln(a / e), with e the expected and a the actual share: the symmetric Kullback-Leibler divergence (Jeffreys, 1946), in nats. The rule of thumb of credit scoring, where it comes from, is that below
/// 0.1 nothing has moved, from 0.1 to 0.25 something, and above that much (Siddiqi, "Credit Risk Scorecards", 2006).
/// </para>
/// <para>
/// It is never 0 on samples: without any drift, n and m draws from one distribution over k categories give about (1/n + 1/m) times a chi-square variable of k - 1 degrees of freedom (Yurdakul, "Statistical Properties of the Population
/// Stability Index", 2018). With 100 requests and 12 clusters that alone is 0.11 on average.
/// </para>
/// </remarks>
public static class PopulationStabilityIndex
{
    /// <summary>What a share counts at least, 0.0001, so that a category seen on one side only does not make the index infinite.</summary>
    public const double SmallestShare = 1e-4;

    // The quantile of the standard normal distribution at 95%.
    private const double Normal95 = 1.6448536269514722;

    /// <summary>Computes the index.</summary>
    /// <param name="expected">The expected share of each category, or its count: finite numbers of at least 0 that are not all 0.</param>
    /// <param name="actual">The actual share of each category, or its count, in the same order.</param>
    /// <returns>The index: 0 for equal shares, else greater.</returns>
    /// <exception cref="ArgumentException">The numbers of categories differ or are 0, or a number is negative, not finite, or all are 0.</exception>
    public static double Compute(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        if (expected.Length != actual.Length)
        {
            throw new ArgumentException($"There are {expected.Length} expected and {actual.Length} actual categories; they must be the same.", nameof(actual));
        }

        double expectedTotal = Total(expected, nameof(expected)), actualTotal = Total(actual, nameof(actual)), index = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double e = Math.Max(expected[i] / expectedTotal, SmallestShare), a = Math.Max(actual[i] / actualTotal, SmallestShare);
            index += (a - e) * Math.Log(a / e);
        }

        return index;
    }

    /// <summary>Gives what the index of two samples of one and the same distribution exceeds in about one case of twenty.</summary>
    /// <param name="categories">The number of categories, at least 1.</param>
    /// <param name="expectedCount">The size of the first sample, at least 1.</param>
    /// <param name="actualCount">The size of the second sample, at least 1.</param>
    /// <returns>
    /// (1/n + 1/m) times the 95% quantile of the chi-square distribution with one degree of freedom less than there are categories, by Wilson and Hilferty's approximation (1931). It holds where some five of each category are expected; 0 for one category.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public static double SamplingLimit(int categories, long expectedCount, long actualCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(categories, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(expectedCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(actualCount, 1);
        if (categories == 1)
        {
            return 0;
        }

        double degrees = categories - 1, spread = 2 / (9 * degrees);
        return ((1.0 / expectedCount) + (1.0 / actualCount)) * degrees * Math.Pow(1 - spread + (Normal95 * Math.Sqrt(spread)), 3);
    }

    private static double Total(ReadOnlySpan<double> values, string parameter)
    {
        double total = 0;
        for (int i = 0; i < values.Length; i++)
        {
            total += values[i] is >= 0 and < double.PositiveInfinity
                ? values[i]
                : throw new ArgumentException(FormattableString.Invariant($"Category {i} has {values[i]}; expected a share or a count, a finite number of at least 0."), parameter);
        }

        return total is > 0 and < double.PositiveInfinity ? total : throw new ArgumentException("Nothing was counted in any category, so there are no shares to compare.", parameter);
    }
}
