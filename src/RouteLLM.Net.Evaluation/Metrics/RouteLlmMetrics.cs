namespace RouteLLM.Evaluation;

/// <summary>
/// CPT, AUC and APGR number for number as RouteLLM's program computes them (lm-sys/RouteLLM, <c>evals/evaluate.py</c> and <c>benchmarks.py</c>, commit <c>0b64fda</c>), to compare with figures it printed.
/// </summary>
/// <remarks>
/// Not a full sweep: prefer <see cref="CostQualityCurve"/>. Differences that are kept: only the thresholds at evenly spaced quantiles of the scores are tried, and equal quantiles are an error, so a router with many equal
/// scores cannot be evaluated; CPT interpolates strong percentages over accuracies without sorting these, so on a curve that is not monotone the answer is what a binary search lands on, and a curve that never reaches the level answers
/// its last percentage; percentages and accuracies are in percent.
/// </remarks>
public static class RouteLlmMetrics
{
    /// <summary>Evaluates a router on a benchmark, as RouteLLM does.</summary>
    /// <param name="winProbabilities">The router's win probability for each prompt, n of them, at least one, none NaN.</param>
    /// <param name="strongScores">The strong model's score on each prompt, n of them.</param>
    /// <param name="weakScores">The weak model's score on each prompt, n of them.</param>
    /// <param name="resultCount">Into how many equal parts the scores are split (<c>--num-results</c>), at least 1; 10 by default, which tries eleven thresholds.</param>
    /// <param name="unit">What a mean score is multiplied by: 100, the default, gives percent from scores in [0, 1]; 1 leaves grades as they are.</param>
    /// <returns>The points and the metrics.</returns>
    /// <exception cref="ArgumentException">The lengths differ, there is no prompt, a probability is NaN, or two quantiles are equal, where the original raises "Bin edges must be unique".</exception>
    public static RouteLlmResult Evaluate(ReadOnlySpan<double> winProbabilities, ReadOnlySpan<double> strongScores, ReadOnlySpan<double> weakScores, int resultCount = 10, double unit = 100)
    {
        int n = winProbabilities.Length;
        if (n == 0 || strongScores.Length != n || weakScores.Length != n)
        {
            throw new ArgumentException($"There must be as many scores as probabilities, at least one; got {n} probabilities, {strongScores.Length} strong and {weakScores.Length} weak scores.");
        }

        double[] thresholds = Thresholds(winProbabilities, resultCount);
        var points = new RouteLlmPoint[thresholds.Length];
        for (int t = 0; t < thresholds.Length; t++)
        {
            double sum = 0;
            int strong = 0;
            for (int i = 0; i < n; i++)
            {
                // The last threshold is the maximum; with >= the weak model would never be alone.
                bool isStrong = t == thresholds.Length - 1 ? winProbabilities[i] > thresholds[t] : winProbabilities[i] >= thresholds[t];
                strong += isStrong ? 1 : 0;
                sum += isStrong ? strongScores[i] : weakScores[i];
            }

            points[t] = new RouteLlmPoint((double)strong / n * 100, sum / n * unit, thresholds[t]);
        }

        return Summarize(points, Mean(weakScores) * unit, Mean(strongScores) * unit);
    }

    /// <summary>Computes the metrics of a table of points, as RouteLLM's <c>generate_results</c> does.</summary>
    /// <param name="points">The points, in any order, at least one.</param>
    /// <param name="weakAccuracy">The weak model's quality, in the unit of the points.</param>
    /// <param name="strongAccuracy">The strong model's quality, in the unit of the points.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentException">There is no point.</exception>
    public static RouteLlmResult Summarize(IEnumerable<RouteLlmPoint> points, double weakAccuracy, double strongAccuracy)
    {
        ArgumentNullException.ThrowIfNull(points);
        RouteLlmPoint[] sorted = [.. points.OrderBy(static point => point.StrongPercentage)];
        if (sorted.Length == 0)
        {
            throw new ArgumentException("There are no points; expected at least one.", nameof(points));
        }

        double[] percentages = Array.ConvertAll(sorted, static point => point.StrongPercentage);
        double[] accuracies = Array.ConvertAll(sorted, static point => point.Accuracy);
        double Cpt(double part) => Interpolate((part * (strongAccuracy - weakAccuracy)) + weakAccuracy, accuracies, percentages);

        double auc = 0, span = 0;
        for (int i = 1; i < sorted.Length; i++)
        {
            double width = (percentages[i] / 100) - (percentages[i - 1] / 100);
            auc += width * (accuracies[i] + accuracies[i - 1]) / 2;
            span += width;
        }

        double apgr = (auc - (weakAccuracy * span)) / ((strongAccuracy * span) - (weakAccuracy * span));
        return new RouteLlmResult(weakAccuracy, strongAccuracy, sorted, Cpt(0.2), Cpt(0.5), Cpt(0.8), auc, apgr);
    }

    /// <summary>Computes the accuracy that RouteLLM plots as optimal: of the prompts that only the strong model gets right, as many as the strong share allows are sent to it.</summary>
    /// <param name="strongScores">The strong model's score on each prompt, n of them, 1 for a right answer.</param>
    /// <param name="weakScores">The weak model's score on each prompt, n of them, 1 for a right answer.</param>
    /// <param name="strongShare">The strong share, in [0, 1]; a fraction of a call counts.</param>
    /// <returns>The accuracy, in percent.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double OptimalAccuracy(ReadOnlySpan<double> strongScores, ReadOnlySpan<double> weakScores, double strongShare)
    {
        if (strongScores.Length != weakScores.Length)
        {
            throw new ArgumentException($"There must be as many strong as weak scores; got {strongScores.Length} and {weakScores.Length}.");
        }

        int n = strongScores.Length, weakRight = 0, onlyStrongRight = 0;
        for (int i = 0; i < n; i++)
        {
            weakRight += weakScores[i] == 1 ? 1 : 0;
            onlyStrongRight += weakScores[i] != 1 && strongScores[i] == 1 ? 1 : 0;
        }

        return (weakRight + Math.Min(n * strongShare, onlyStrongRight)) / n * 100;
    }

    /// <summary>Interpolates linearly as <c>numpy.interp</c> does, also where <paramref name="xp"/> is not sorted and the answer depends on how it searches.</summary>
    /// <param name="x">Where to interpolate.</param>
    /// <param name="xp">The known places, n of them, at least one.</param>
    /// <param name="fp">The values there, n of them.</param>
    /// <returns>The value at <paramref name="x"/>.</returns>
    /// <exception cref="ArgumentException">There is no place, or not one value a place.</exception>
    public static double Interpolate(double x, ReadOnlySpan<double> xp, ReadOnlySpan<double> fp)
    {
        int n = xp.Length;
        if (n == 0 || fp.Length != n)
        {
            throw new ArgumentException($"There must be one value a place, at least one; got {n} places and {fp.Length} values.");
        }

        if (x > xp[n - 1])
        {
            return fp[n - 1];
        }

        if (x < xp[0] || n == 1)
        {
            return fp[0];
        }

        int j = Search(x, xp);
        return j == n - 1 || xp[j] == x ? fp[j] : ((fp[j + 1] - fp[j]) / (xp[j + 1] - xp[j]) * (x - xp[j])) + fp[j];
    }

    // NumPy's search of one value: it looks beside its first guess, which is the beginning, and only then halves.
    private static int Search(double x, ReadOnlySpan<double> xp)
    {
        int n = xp.Length;
        if (n <= 4)
        {
            int i = 1;
            while (i < n && x >= xp[i])
            {
                i++;
            }

            return i - 1;
        }

        for (int i = 1; i <= 3; i++)
        {
            if (x < xp[i])
            {
                return i - 1;
            }
        }

        int low = 3, high = n > 10 && x < xp[9] ? 9 : n;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            (low, high) = x >= xp[middle] ? (middle + 1, high) : (low, middle);
        }

        return low - 1;
    }

    private static double[] Thresholds(ReadOnlySpan<double> winProbabilities, int resultCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resultCount, 1);
        double[] sorted = winProbabilities.ToArray();
        Array.Sort(sorted);
        if (double.IsNaN(sorted[0]))
        {
            throw new ArgumentException("A win probability is NaN.", nameof(winProbabilities));
        }

        // As numpy.linspace spaces them, which is not always i / n.
        double step = 1.0 / resultCount;
        var thresholds = new double[resultCount + 1];
        for (int i = 0; i <= resultCount; i++)
        {
            thresholds[i] = OrderStatistics.Quantile(sorted, i == resultCount ? 1 : i * step);
            if (i > 0 && thresholds[i] == thresholds[i - 1])
            {
                throw new ArgumentException(
                    $"Quantiles {i - 1} and {i} of {resultCount} of the win probabilities are both {thresholds[i]}, and RouteLLM's procedure is not defined with equal ones. Take fewer results, or {nameof(CostQualityCurve)}, which is.",
                    nameof(winProbabilities));
            }
        }

        return thresholds;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }
}
