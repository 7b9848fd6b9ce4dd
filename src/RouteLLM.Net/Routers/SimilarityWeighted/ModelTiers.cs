namespace RouteLLM;

/// <summary>Groups models of like strength into tiers, so that a fit per query has few unknowns.</summary>
internal static class ModelTiers
{
    /// <summary>
    /// Divides ratings into tiers by dynamic programming, so that the sum of the tiers' variances is least (RouteLLM's <c>compute_tiers</c>: the variances are
    /// not weighted by size, so a tier of one costs nothing and tier numbers may be left out).
    /// </summary>
    /// <param name="ratings">The ratings, highest first.</param>
    /// <param name="count">The number of tiers, at least 1.</param>
    /// <returns>The tier of each rating, 0 the strongest.</returns>
    public static int[] Assign(ReadOnlySpan<double> ratings, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        int n = ratings.Length;
        var tiers = new int[n];
        if (n == 0)
        {
            return tiers;
        }

        // cost[k, i]: the least sum of variances of the first i ratings in k + 1 tiers; split: where the last of these tiers begins. The first rating is always in tier 0.
        var cost = new double[count, n + 1];
        var split = new int[count, n + 1];
        for (int i = 1; i <= n; i++)
        {
            cost[0, i] = Variance(ratings[..i]);
        }

        for (int k = 1; k < count; k++)
        {
            for (int i = 2; i <= n; i++)
            {
                cost[k, i] = double.PositiveInfinity;
                for (int j = 1; j < i; j++)
                {
                    double candidate = cost[k - 1, j] + Variance(ratings[j..i]);
                    if (cost[k, i] > candidate)
                    {
                        cost[k, i] = candidate;
                        split[k, i] = j;
                    }
                }
            }
        }

        int end = n;
        for (int k = count - 1; k > 0 && end > 1; k--)
        {
            int start = split[k, end];
            tiers.AsSpan(start, end - start).Fill(k);
            end = start;
        }

        return tiers;
    }

    private static double Variance(ReadOnlySpan<double> values)
    {
        double mean = 0;
        foreach (double value in values)
        {
            mean += value;
        }

        mean /= values.Length;
        double sum = 0;
        foreach (double value in values)
        {
            sum += (value - mean) * (value - mean);
        }

        return sum / values.Length;
    }
}
