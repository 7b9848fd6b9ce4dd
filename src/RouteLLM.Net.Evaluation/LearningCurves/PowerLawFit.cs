namespace RouteLLM.Evaluation;

/// <summary>How quality grows with the number of labels n: <c>limit - scale * n^-rate</c>, the form in which learning curves of most methods fall off (Cortes et al., "Learning Curves: Asymptotic Values and Rate of Convergence", 1993).</summary>
/// <param name="Limit">The quality that no number of labels exceeds, Qmax.</param>
/// <param name="Scale">How far one label alone would be below the limit, a: at least 0; 0 for a curve that does not rise.</param>
/// <param name="Rate">How fast the distance shrinks, b, in (0, 2].</param>
public sealed record PowerLawFit(double Limit, double Scale, double Rate)
{
    private const double LowestRate = 0.01;
    private const double HighestRate = 2;
    private const int GridSteps = 100;

    // The rate of most estimators, taken where two sizes cannot tell it.
    private const double UsualRate = 0.5;

    /// <summary>Gets whether more labels change nothing: the qualities it was fitted to do not rise.</summary>
    public bool IsFlat => Scale == 0;

    /// <summary>Fits the three parameters by weighted non-linear least squares, with rate in [0.01, 2], scale at least 0 and limit at most <paramref name="highestQuality"/>.</summary>
    /// <param name="labels">Numbers of labels, each above 0; n of them, at least one.</param>
    /// <param name="qualities">The quality reached with each, finite.</param>
    /// <param name="weights">How much each counts, above 0; all alike if empty. The inverse of the quality's variance is right.</param>
    /// <param name="highestQuality">What no quality exceeds; 1 by default.</param>
    /// <returns>The best fit: with fewer than three different numbers of labels, that of rate 1/2.</returns>
    /// <exception cref="ArgumentException">There are none, the lengths differ, or a value is out of its range.</exception>
    /// <remarks>
    /// For a given rate the other two follow in closed form (variable projection; Golub and Pereyra, 1973), so only the rate is searched, over a fine grid and then by golden section: no start can be wrong.
    /// Of rates that fit equally well the highest is taken, which promises least beyond the data.
    /// </remarks>
    public static PowerLawFit Fit(ReadOnlySpan<double> labels, ReadOnlySpan<double> qualities, ReadOnlySpan<double> weights = default, double highestQuality = 1)
    {
        double[] n = labels.ToArray(), q = qualities.ToArray();
        double[] w = weights.IsEmpty ? [.. Enumerable.Repeat(1.0, n.Length)] : weights.ToArray();
        Check(n, q, w, highestQuality);
        if (n.Distinct().Count() < 3)
        {
            return FitAt(UsualRate, n, q, w, highestQuality).Fit;
        }

        double StepRate(double step) => HighestRate * Math.Pow(LowestRate / HighestRate, step / GridSteps);
        double best = 0, lowest = double.PositiveInfinity;
        for (int step = 0; step <= GridSteps; step++)
        {
            double error = FitAt(StepRate(step), n, q, w, highestQuality).Error;
            if (error < lowest * (1 - 1e-9))
            {
                (best, lowest) = (step, error);
            }
        }

        double refined = GoldenSection(step => FitAt(StepRate(step), n, q, w, highestQuality).Error, Math.Max(best - 1, 0), Math.Min(best + 1, GridSteps));
        (PowerLawFit fit, double refinedError) = FitAt(StepRate(refined), n, q, w, highestQuality);
        return refinedError < lowest ? fit : FitAt(StepRate(best), n, q, w, highestQuality).Fit;
    }

    /// <summary>Gives the quality expected with a number of labels.</summary>
    /// <param name="labels">The number, above 0. Far beyond the numbers that were fitted, the answer is a guess.</param>
    /// <returns>The quality.</returns>
    public double Predict(double labels) => Limit - (Scale * Math.Pow(labels, -Rate));

    /// <summary>Gives the number of labels at which a quality is reached.</summary>
    /// <param name="quality">The wanted quality.</param>
    /// <returns>The number, at least 1; positive infinity if no number suffices.</returns>
    public double LabelsFor(double quality) =>
        quality <= Predict(1) ? 1
        : quality >= Limit ? double.PositiveInfinity
        : Math.Pow(Scale / (Limit - quality), 1 / Rate);

    /// <summary>With x = n^-rate it is a line, limit - scale * x: the least squares under both bounds.</summary>
    private static (PowerLawFit Fit, double Error) FitAt(double rate, double[] n, double[] q, double[] w, double highest)
    {
        double sw = 0, swx = 0, swq = 0;
        double[] x = [.. n.Select(count => Math.Pow(count, -rate))];
        for (int i = 0; i < x.Length; i++)
        {
            sw += w[i];
            swx += w[i] * x[i];
            swq += w[i] * q[i];
        }

        double meanX = swx / sw, meanQ = swq / sw, sxx = 0, sxq = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sxx += w[i] * (x[i] - meanX) * (x[i] - meanX);
            sxq += w[i] * (x[i] - meanX) * (q[i] - meanQ);
        }

        // Differences that are rounding alone are none.
        double scale = sxx > 1e-18 * sw && -sxq > 1e-12 * Math.Sqrt(sxx * sw) ? -sxq / sxx : 0;
        double limit = meanQ + (scale * meanX);
        if (limit > highest)
        {
            // On the bound of the limit, the line is pinned at x = 0.
            double top = x.Select((value, i) => w[i] * value * (highest - q[i])).Sum();
            limit = highest;
            scale = Math.Max(top / x.Select((value, i) => w[i] * value * value).Sum(), 0);
        }

        double error = x.Select((value, i) => w[i] * Math.Pow(q[i] - limit + (scale * value), 2)).Sum();
        return (new PowerLawFit(limit, scale, rate), error);
    }

    private static double GoldenSection(Func<double, double> function, double low, double high)
    {
        double ratio = (Math.Sqrt(5) - 1) / 2;
        for (int iteration = 0; iteration < 50; iteration++)
        {
            double a = high - (ratio * (high - low)), b = low + (ratio * (high - low));
            if (function(a) <= function(b))
            {
                high = b;
            }
            else
            {
                low = a;
            }
        }

        return (low + high) / 2;
    }

    private static void Check(double[] labels, double[] qualities, double[] weights, double highest)
    {
        if (labels.Length == 0 || qualities.Length != labels.Length || weights.Length != labels.Length)
        {
            throw new ArgumentException($"A fit needs as many qualities and weights as numbers of labels, at least one; got {labels.Length} numbers, {qualities.Length} qualities and {weights.Length} weights.");
        }

        if (!double.IsFinite(highest))
        {
            throw new ArgumentOutOfRangeException(nameof(highest), highest, "The highest quality is a finite number.");
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] is not (> 0 and < double.PositiveInfinity) || !double.IsFinite(qualities[i]) || weights[i] is not (> 0 and < double.PositiveInfinity))
            {
                throw new ArgumentException($"Point {i} has {labels[i]} labels, quality {qualities[i]} and weight {weights[i]}; expected labels and weight above 0 and a finite quality.");
            }
        }
    }
}
