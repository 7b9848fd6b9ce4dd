namespace RouteLLM.Evaluation;

/// <summary>
/// AIQ and non-decreasing hull number for number as RouterBench's program computes them (withmartian/routerbench, <c>evaluation/AIQ.py</c>, commit <c>cc67d10</c>), to compare with figures it printed.
/// </summary>
/// <remarks>
/// Not what its paper defines: prefer <see cref="CostQualityHull"/>. Differences that are kept: fewer than three different costs are an error; the first and the last point are taken as they
/// are even if another has the same cost and a higher quality; the last point is dropped if it is lower than the last in between, and then every point lower than its predecessor;
/// AIQ is divided by the largest cost left, not by the range of costs, although the area left of the cheapest cost is missing. Here it takes O(n log n) instead of O(n^3).
/// </remarks>
public static class RouterBenchMetrics
{
    /// <summary>Computes the hull: all costs that occur, each between the first and the last lifted to the best straight line between two other points.</summary>
    /// <param name="points">Cost and quality of each operating point, in any order; none NaN.</param>
    /// <returns>The points of the hull by rising cost.</returns>
    /// <exception cref="ArgumentException">There are fewer than three different costs, where the original raises IndexError.</exception>
    public static IReadOnlyList<(double Cost, double Quality)> NonDecreasingHull(IEnumerable<(double Cost, double Quality)> points)
    {
        ArgumentNullException.ThrowIfNull(points);

        // Ordered by cost alone, and stable: which of several first or last points counts depends on how they were given.
        (double Cost, double Quality)[] sorted = [.. points.OrderBy(static point => point.Cost)];
        double[] costs = [.. sorted.Select(static point => point.Cost).Distinct()];
        if (costs.Length < 3)
        {
            throw new ArgumentException($"There are {costs.Length} different costs; RouterBench's hull needs at least three. {nameof(CostQualityHull)} is defined for any points.", nameof(points));
        }

        List<(double Cost, double Quality)> upper = CostQualityHull.UpperHull([.. sorted.Order()]);
        List<(double Cost, double Quality)> all = [sorted[0], .. costs[1..^1].Select(cost => (cost, CostQualityHull.Interpolate(upper, cost)))];
        if (sorted[^1].Quality >= all[^1].Quality)
        {
            all.Add(sorted[^1]);
        }

        return [.. all.Where((point, i) => i == 0 || point.Quality >= all[i - 1].Quality)];
    }

    /// <summary>Computes the AIQ of routers over the range of costs that they share: from 0 to the largest cost on any of their hulls.</summary>
    /// <param name="routers">The operating points of each router.</param>
    /// <returns>One AIQ a router, in the order of <paramref name="routers"/>; NaN if the largest cost is 0.</returns>
    /// <exception cref="ArgumentException">A router has fewer than three different costs.</exception>
    public static IReadOnlyList<double> Aiq(IEnumerable<IEnumerable<(double Cost, double Quality)>> routers)
    {
        ArgumentNullException.ThrowIfNull(routers);
        IReadOnlyList<(double Cost, double Quality)>[] hulls = [.. routers.Select(NonDecreasingHull)];
        double largest = hulls.Length == 0 ? 0 : hulls.Max(static hull => hull[^1].Cost);
        return [.. hulls.Select(hull => Trapezoid([.. hull, (largest, hull[^1].Quality)]) / largest)];
    }

    private static double Trapezoid((double X, double Y)[] points)
    {
        double area = 0;
        for (int i = 1; i < points.Length; i++)
        {
            area += (points[i].X - points[i - 1].X) * (points[i].Y + points[i - 1].Y) / 2;
        }

        return area;
    }
}
