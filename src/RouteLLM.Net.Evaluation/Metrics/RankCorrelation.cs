namespace RouteLLM.Evaluation;

/// <summary>How well one list of numbers orders things as another does.</summary>
public static class RankCorrelation
{
    /// <summary>Computes Spearman's rho: Pearson's correlation of the ranks, where equal values share the mean of their ranks.</summary>
    /// <param name="x">The first list, n finite or infinite values.</param>
    /// <param name="y">The second list, n values.</param>
    /// <returns>Rho, in [-1, 1]; NaN if all values of a list are equal or there are fewer than two.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"Both lists must have the same length; got {x.Length} and {y.Length}.", nameof(y));
        }

        double[] ranksX = MidRanks(x);
        double[] ranksY = MidRanks(y);
        double mean = (x.Length + 1) / 2.0;
        double xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < ranksX.Length; i++)
        {
            double dx = ranksX[i] - mean;
            double dy = ranksY[i] - mean;
            xy += dx * dy;
            xx += dx * dx;
            yy += dy * dy;
        }

        return xx == 0 || yy == 0 ? double.NaN : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }

    /// <summary>Ranks values from 1 to n; equal values share the mean of the ranks they take up.</summary>
    /// <param name="values">The values.</param>
    /// <returns>The rank of each value, in the order of <paramref name="values"/>.</returns>
    public static double[] MidRanks(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        var order = new int[sorted.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(sorted, order);
        var ranks = new double[sorted.Length];
        for (int first = 0; first < sorted.Length;)
        {
            int end = first + 1;
            while (end < sorted.Length && sorted[end] == sorted[first])
            {
                end++;
            }

            for (int i = first; i < end; i++)
            {
                ranks[order[i]] = (first + 1 + end) / 2.0;
            }

            first = end;
        }

        return ranks;
    }
}
