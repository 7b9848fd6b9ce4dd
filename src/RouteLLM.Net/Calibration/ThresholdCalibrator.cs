using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Finds thresholds from scores: for a strong share, for a cost, or for a quality that is promised.</summary>
/// <remarks>
/// Spans that belong together have one element a request, in the same order. Scores are win probabilities, and a request is strong when its score is at least the threshold; positive infinity makes none strong.
/// <c>RouteLLM.Evaluation</c>'s <c>RouterCalibrator</c> does the same from data files and decision logs and writes down a <see cref="RouterCalibration"/>.
/// </remarks>
public static class ThresholdCalibrator
{
    /// <summary>How finely the thresholds for a quality are spaced: every multiple of 1/8192 is one.</summary>
    internal const int QualitySteps = 8192;

    /// <summary>Finds the threshold that RouteLLM's calibration gives for a strong share, to the last bit.</summary>
    /// <param name="scores">The scores, in any order; NaN is skipped.</param>
    /// <param name="strongShare">The share, in [0, 1].</param>
    /// <returns>
    /// The (1 - share) quantile, interpolated between neighbours. With equal scores the share reached may be larger; a share of 1 gives the least score, and a share of 0 the greatest, which stays strong.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="strongShare"/> is not in [0, 1].</exception>
    /// <exception cref="ArgumentException">There are no scores.</exception>
    public static double ForStrongShare(IEnumerable<double> scores, double strongShare)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (strongShare is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(strongShare), strongShare, "A strong share lies in [0, 1].");
        }

        double[] sorted = [.. scores.Where(static score => !double.IsNaN(score))];
        if (sorted.Length == 0)
        {
            throw new ArgumentException("There are no scores to find a threshold from.", nameof(scores));
        }

        Array.Sort(sorted);
        return ScoreQuantiles.Quantile(sorted, 1 - strongShare);
    }

    /// <summary>Finds the least threshold, that is the largest strong share, at which requests cost no more than wanted on average.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="strongCosts">The cost of each request at the strong model, in any currency.</param>
    /// <param name="weakCosts">The cost of each request at the weak model.</param>
    /// <param name="costPerRequest">The most that a request may cost on average.</param>
    /// <returns>The threshold: 0 if the strong model alone is cheap enough; <see langword="null"/> if no threshold is.</returns>
    /// <exception cref="ArgumentException">There are no rows, the lengths differ, a number is NaN, or a cost is negative.</exception>
    public static double? ForCost(ReadOnlySpan<double> scores, ReadOnlySpan<double> strongCosts, ReadOnlySpan<double> weakCosts, double costPerRequest)
    {
        Check(scores, strongCosts, weakCosts, 0, double.MaxValue, nameof(strongCosts), nameof(weakCosts));
        if (double.IsNaN(costPerRequest))
        {
            throw new ArgumentException("The cost per request is NaN; a number is expected.", nameof(costPerRequest));
        }

        int[] order = AscendingOrder(scores);
        double total = 0;
        foreach (double cost in strongCosts)
        {
            total += cost;
        }

        // Sums of many costs are rounded; a budget that is met exactly is met.
        double most = (costPerRequest * scores.Length) + (total * 1e-12);
        double threshold = 0;
        for (int i = 0; total > most;)
        {
            if (i == order.Length)
            {
                return null;
            }

            double score = scores[order[i]];
            for (; i < order.Length && scores[order[i]] == score; i++)
            {
                total += weakCosts[order[i]] - strongCosts[order[i]];
            }

            threshold = i == order.Length ? double.PositiveInfinity : scores[order[i]];
        }

        return threshold;
    }

    /// <summary>Finds the greatest threshold, that is the smallest strong share, at which a part of the strong model's quality is kept with a confidence.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="strongScores">How good the strong model's answer to each request is, from 0.</param>
    /// <param name="weakScores">How good the weak model's answer is, on the same scale.</param>
    /// <param name="quality">The part of the strong model's mean to keep, in (0, 1].</param>
    /// <param name="confidence">The confidence, in (0, 1).</param>
    /// <param name="best">The best score there is, such as 1 or 10; it must be fixed beforehand, not read off the data.</param>
    /// <returns>The threshold; 0, always strong, where the rows are too few or too bad to promise the quality at any other, and positive infinity where the weak model alone keeps it.</returns>
    /// <exception cref="ArgumentException">There are no rows, the lengths differ, a number is NaN or a score is not in [0, <paramref name="best"/>], or an argument is out of range.</exception>
    /// <remarks>
    /// <para>
    /// Learn then test (Angelopoulos, Bates, Candes, Jordan and Lei 2021, arXiv:2110.01052) with fixed-sequence testing. For each threshold in ascending order, that is from always strong downwards, the hypothesis is that the promise is broken: that
    /// <c>quality * strong - routed</c>, which lies in [-best, quality * best], has a positive mean. It is rejected, or it is not and the last threshold before it is taken. The probability of taking one at which the promise is broken is at most
    /// 1 - confidence for any number of rows, if the rows are independent draws of the traffic. No distribution is assumed. Thresholds are the multiples of 1/8192, known before the rows are. Always strong needs no test, for there the promise holds by definition.
    /// </para>
    /// <para>
    /// The test is by betting (Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting, arXiv:2010.09686): a capital that is a supermartingale if the promise is broken exceeds 1 / (1 - confidence)
    /// with at most that probability. It follows the variance of the rows, which is small near always strong, where Hoeffding-Bentkus needs thousands. About a hundred rows are the least that promise anything at 95%.
    /// Rows are bet on in an order that is shuffled with a fixed seed, so that a file sorted by source does no harm.
    /// </para>
    /// </remarks>
    public static double ForQuality(
        ReadOnlySpan<double> scores, ReadOnlySpan<double> strongScores, ReadOnlySpan<double> weakScores, double quality, double confidence = 0.95, double best = 1)
    {
        if (!(best > 0) || !double.IsFinite(best))
        {
            throw new ArgumentOutOfRangeException(nameof(best), best, "The best score is a positive number.");
        }

        // The target checks both numbers.
        CalibrationTarget target = CalibrationTarget.ForQuality(quality, confidence);
        Check(scores, strongScores, weakScores, 0, best, nameof(strongScores), nameof(weakScores));
        return new QualityTest(scores, strongScores, weakScores, target.Quality!.Value, 1 - target.Confidence!.Value, best).FindThreshold();
    }

    /// <summary>Finds thresholds for groups of requests at one strong share, drawn towards the common threshold where a group has few rows.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="groups">The group of each request; <see langword="null"/> for none.</param>
    /// <param name="strongShare">The share, in [0, 1], that each group is to have.</param>
    /// <param name="commonThreshold">The threshold for all requests.</param>
    /// <returns>The thresholds by group.</returns>
    /// <exception cref="ArgumentException">There are no rows, the lengths differ, or a score is NaN.</exception>
    /// <remarks>
    /// Empirical Bayes: a group's quantile counts n / (n + k), n being its rows. k is the variance that the quantile of one row would have over the variance of the groups' true quantiles. The first is estimated from the spacing of the scores about the
    /// quantile (Woodruff 1952) in the groups of at least 20 rows, the second from how much more those groups' quantiles differ than that explains (DerSimonian and Laird 1986); k is at least 20. If the groups differ by no more than chance, or there is
    /// only one of at least 20 rows, all have the common threshold.
    /// </remarks>
    public static IReadOnlyDictionary<string, GroupThreshold> ForGroups(ReadOnlySpan<double> scores, ReadOnlySpan<string?> groups, double strongShare, double commonThreshold)
    {
        if (strongShare is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(strongShare), strongShare, "A strong share lies in [0, 1].");
        }

        CheckScores(scores);
        return groups.Length == scores.Length
            ? QuantileShrinkage.Apply(scores, groups, 1 - strongShare, commonThreshold)
            : throw new ArgumentException($"There are {groups.Length} groups for {scores.Length} scores; one each is expected.", nameof(groups));
    }

    /// <summary>Gives the indices of the scores from the least to the greatest, equal ones in their order.</summary>
    internal static int[] AscendingOrder(ReadOnlySpan<double> scores)
    {
        double[] keys = scores.ToArray();
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, order);
        return order;
    }

    private static void CheckScores(ReadOnlySpan<double> scores)
    {
        if (scores.IsEmpty)
        {
            throw new ArgumentException("There are no rows to calibrate on.", nameof(scores));
        }

        for (int i = 0; i < scores.Length; i++)
        {
            if (double.IsNaN(scores[i]))
            {
                throw new ArgumentException($"The score of row {i} is NaN; a win probability is expected.", nameof(scores));
            }
        }
    }

    private static void Check(ReadOnlySpan<double> scores, ReadOnlySpan<double> strong, ReadOnlySpan<double> weak, double least, double most, string strongName, string weakName)
    {
        CheckScores(scores);
        CheckValues(strong, strongName, scores.Length, least, most);
        CheckValues(weak, weakName, scores.Length, least, most);
    }

    private static void CheckValues(ReadOnlySpan<double> values, string name, int count, double least, double most)
    {
        if (values.Length != count)
        {
            throw new ArgumentException($"There are {values.Length} values for {count} scores; one each is expected.", name);
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (!(values[i] >= least && values[i] <= most))
            {
                throw new ArgumentException(most == double.MaxValue ? $"Row {i} has {values[i]}; a finite number of at least {least} is expected." : $"Row {i} has {values[i]}; a number from {least} to {most} is expected.", name);
            }
        }
    }
}
