namespace RouteLLM.Evaluation;

/// <summary>
/// The best quality to be had at every cost, from a set of operating points: their non-decreasing concave envelope, the "non-decreasing convex hull" of Hu et al., "RouterBench" (2024), section 3.
/// </summary>
/// <remarks>
/// A point between two others is reached by choosing between them at random for every request, and nobody must spend more to get less: so the envelope rises along the upper hull to the point of best
/// quality and is level from there. It takes O(n log n), and it is defined for any points, a single one and equal costs included, where RouterBench's own code fails;
/// <see cref="RouterBenchMetrics"/> has that code's numbers.
/// </remarks>
public sealed class CostQualityHull
{
    private readonly (double Cost, double Quality)[] _vertices;

    private CostQualityHull((double Cost, double Quality)[] vertices) => _vertices = vertices;

    /// <summary>Gets the corners of the envelope: costs and qualities rise, and the slope between them falls.</summary>
    public IReadOnlyList<(double Cost, double Quality)> Vertices => _vertices;

    /// <summary>Builds the envelope.</summary>
    /// <param name="points">Cost and quality of each operating point, in any order and unit, finite; at least one.</param>
    /// <returns>The envelope.</returns>
    /// <exception cref="ArgumentException">There is no point, or a number is not finite.</exception>
    public static CostQualityHull Create(IEnumerable<(double Cost, double Quality)> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        (double Cost, double Quality)[] sorted = [.. points];
        if (sorted.Length == 0)
        {
            throw new ArgumentException("There are no points; an envelope needs at least one.", nameof(points));
        }

        if (Array.FindIndex(sorted, static point => !double.IsFinite(point.Cost) || !double.IsFinite(point.Quality)) is int wrong and >= 0)
        {
            throw new ArgumentException($"Point {wrong} is {sorted[wrong]}; costs and qualities must be finite.", nameof(points));
        }

        Array.Sort(sorted);
        List<(double Cost, double Quality)> hull = UpperHull(sorted);
        double highest = hull.Max(static point => point.Quality);
        int best = hull.FindIndex(point => point.Quality == highest);
        return new CostQualityHull([.. hull.Take(best + 1)]);
    }

    /// <summary>Gives the best quality for a cost.</summary>
    /// <param name="cost">The cost, in the unit of the points.</param>
    /// <returns>The quality; NaN below the cheapest point, where there is no answer for the money.</returns>
    public double QualityAt(double cost) => cost < _vertices[0].Cost || double.IsNaN(cost) ? double.NaN : Interpolate(_vertices, cost);

    /// <summary>Computes the average improvement in quality (AIQ): the mean of the envelope over a range of costs.</summary>
    /// <param name="lowestCost">Where the range begins; the cost of the cheapest point if <see langword="null"/>. Below it the envelope counts as <paramref name="qualityBelow"/>. To compare routers, give all of them the same range.</param>
    /// <param name="highestCost">Where the range ends; the cost of the best point if <see langword="null"/>. The envelope is level beyond it.</param>
    /// <param name="qualityBelow">The quality where the money buys no answer; 0 by default.</param>
    /// <returns>The mean quality; the quality at that cost if the range is a single cost.</returns>
    /// <exception cref="ArgumentException">The range is not finite, or ends before it begins.</exception>
    public double AverageQuality(double? lowestCost = null, double? highestCost = null, double qualityBelow = 0)
    {
        double low = lowestCost ?? _vertices[0].Cost, high = highestCost ?? Math.Max(_vertices[^1].Cost, low);
        if (!double.IsFinite(low) || !double.IsFinite(high) || high < low)
        {
            throw new ArgumentException($"The range of costs is from {low} to {high}; expected finite numbers in order.");
        }

        double first = _vertices[0].Cost;
        if (low == high)
        {
            return low < first ? qualityBelow : Interpolate(_vertices, low);
        }

        double area = qualityBelow * (Math.Clamp(first, low, high) - low);
        double from = Math.Max(low, first);
        if (from < high)
        {
            double before = Interpolate(_vertices, from);
            foreach (double cost in _vertices.Select(static vertex => vertex.Cost).Where(cost => cost > from && cost < high).Append(high))
            {
                double after = Interpolate(_vertices, cost);
                area += (cost - from) * (before + after) / 2;
                (from, before) = (cost, after);
            }
        }

        return area / (high - low);
    }

    /// <summary>The upper hull of points sorted by cost, then quality (Andrew's monotone chain): one vertex a cost, slopes falling.</summary>
    internal static List<(double Cost, double Quality)> UpperHull(ReadOnlySpan<(double Cost, double Quality)> sorted)
    {
        var hull = new List<(double Cost, double Quality)>();
        foreach ((double Cost, double Quality) point in sorted)
        {
            if (hull.Count > 0 && hull[^1].Cost == point.Cost)
            {
                // Sorted by quality within a cost: the later one is at least as good.
                hull.RemoveAt(hull.Count - 1);
            }

            while (hull.Count > 1 && !TurnsRight(hull[^2], hull[^1], point))
            {
                hull.RemoveAt(hull.Count - 1);
            }

            hull.Add(point);
        }

        return hull;
    }

    /// <summary>Interpolates between vertices, level outside.</summary>
    internal static double Interpolate(IReadOnlyList<(double Cost, double Quality)> vertices, double cost)
    {
        int low = 0, high = vertices.Count - 1;
        if (cost <= vertices[0].Cost || cost >= vertices[high].Cost)
        {
            return cost <= vertices[0].Cost ? vertices[0].Quality : vertices[high].Quality;
        }

        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            (low, high) = vertices[middle].Cost <= cost ? (middle, high) : (low, middle);
        }

        ((double x1, double y1), (double x2, double y2)) = (vertices[low], vertices[high]);
        return y1 + ((y2 - y1) * ((cost - x1) / (x2 - x1)));
    }

    private static bool TurnsRight((double Cost, double Quality) a, (double Cost, double Quality) b, (double Cost, double Quality) c) =>
        (b.Quality - a.Quality) * (c.Cost - a.Cost) > (c.Quality - a.Quality) * (b.Cost - a.Cost);
}
