using System.Runtime.InteropServices;

namespace RouteLLM.Internals;

/// <summary>Quantiles of groups, drawn towards a common one where rows are few; see <see cref="ThresholdCalibrator.ForGroups"/>.</summary>
internal static class QuantileShrinkage
{
    /// <summary>The rows from which a group's quantile and its variance can be estimated, and the least that the common threshold counts as.</summary>
    public const int FewRows = 20;

    public static Dictionary<string, GroupThreshold> Apply(ReadOnlySpan<double> scores, ReadOnlySpan<string?> groups, double q, double commonThreshold)
    {
        var members = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (int i = 0; i < scores.Length; i++)
        {
            if (groups[i] is { } group)
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(members, group, out _) ??= []).Add(scores[i]);
            }
        }

        foreach (List<double> group in members.Values)
        {
            group.Sort();
        }

        double common = CommonRows([.. members.Values.Where(static group => group.Count >= FewRows)], q);
        return members.ToDictionary(static group => group.Key, group => Shrink(group.Value, q, commonThreshold, common), StringComparer.Ordinal);
    }

    private static GroupThreshold Shrink(List<double> sorted, double q, double commonThreshold, double commonRows)
    {
        double own = ScoreQuantiles.Quantile(CollectionsMarshal.AsSpan(sorted), q);

        // There is no way between a threshold and none.
        double weight = double.IsFinite(commonThreshold) && double.IsFinite(commonRows) ? sorted.Count / (sorted.Count + commonRows) : 0;
        return new GroupThreshold(sorted.Count, own, weight, weight == 0 ? commonThreshold : (weight * own) + ((1 - weight) * commonThreshold));
    }

    /// <summary>Finds how many rows the common threshold counts as; infinity if the groups do not differ.</summary>
    private static double CommonRows(List<double>[] groups, double q)
    {
        if (groups.Length < 2 || q is not (> 0 and < 1))
        {
            return double.PositiveInfinity;
        }

        double rows = groups.Sum(static group => group.Count);
        double unitVariance = groups.Sum(group => group.Count * UnitVariance(CollectionsMarshal.AsSpan(group), q)) / rows;
        double[] quantiles = [.. groups.Select(group => ScoreQuantiles.Quantile(CollectionsMarshal.AsSpan(group), q))];
        double mean = groups.Zip(quantiles, static (group, quantile) => group.Count * quantile).Sum() / rows;
        double spread = groups.Zip(quantiles, (group, quantile) => group.Count * (quantile - mean) * (quantile - mean)).Sum();

        // DerSimonian and Laird, with both sides multiplied by the variance of one row, which may be 0.
        double between = (spread - ((groups.Length - 1) * unitVariance)) / (rows - (groups.Sum(static group => (double)group.Count * group.Count) / rows));
        return between <= 0 ? double.PositiveInfinity : Math.Max(unitVariance / between, FewRows);
    }

    /// <summary>Estimates the variance of a quantile, times the rows: half the distance between the quantiles one standard error of the share below and above, squared.</summary>
    private static double UnitVariance(ReadOnlySpan<double> sorted, double q)
    {
        double error = Math.Sqrt(q * (1 - q) / sorted.Length);
        double half = (ScoreQuantiles.Quantile(sorted, Math.Min(q + error, 1)) - ScoreQuantiles.Quantile(sorted, Math.Max(q - error, 0))) / 2;
        return sorted.Length * half * half;
    }
}
