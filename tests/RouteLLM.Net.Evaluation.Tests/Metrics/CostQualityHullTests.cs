using CsCheck;

namespace RouteLLM.Evaluation.Tests;

public class CostQualityHullTests
{
    private static readonly Gen<(double Cost, double Quality)[]> s_points =
        Gen.Select(Gen.Int[0, 8].Select(static i => i / 2.0), Gen.Int[0, 10].Select(static i => i / 10.0)).Array[1, 12];

    [Fact]
    public void It_is_the_best_mixture_of_two_points_that_costs_no_more() => s_points.Sample(static points =>
    {
        var hull = CostQualityHull.Create(points);
        for (double cost = 0; cost <= 5; cost += 0.25)
        {
            double expected = BruteForce(points, cost), actual = hull.QualityAt(cost);
            Assert.True(double.IsNaN(expected) ? double.IsNaN(actual) : Math.Abs(expected - actual) < 1e-12, $"At {cost}: {expected}, {actual}.");
        }
    });

    [Fact]
    public void Its_average_is_the_mean_over_many_costs() => Gen.Select(s_points, Gen.Double[0, 5], Gen.Double[0.5, 5], Gen.Double[-1, 1]).Sample(static (points, low, width, below) =>
    {
        var hull = CostQualityHull.Create(points);
        const int Steps = 4000;
        double sum = 0;
        for (int i = 0; i < Steps; i++)
        {
            double quality = hull.QualityAt(low + (width * (i + 0.5) / Steps));
            sum += double.IsNaN(quality) ? below : quality;
        }

        Assert.Equal(sum / Steps, hull.AverageQuality(low, low + width, below), 1e-2);
    }, iter: 100);

    [Fact]
    public void Qualities_rise_and_slopes_fall() => s_points.Sample(static points =>
    {
        IReadOnlyList<(double Cost, double Quality)> vertices = CostQualityHull.Create(points).Vertices;
        double[] slopes = [.. vertices.Zip(vertices.Skip(1), static (a, b) => (b.Quality - a.Quality) / (b.Cost - a.Cost))];
        Assert.All(slopes, static slope => Assert.True(slope > 0));
        Assert.All(slopes.Zip(slopes.Skip(1)), static pair => Assert.True(pair.First > pair.Second));
    });

    [Fact]
    public void It_is_defined_where_the_code_of_RouterBench_is_not()
    {
        Assert.Equal([(1, 0.5)], CostQualityHull.Create([(1, 0.5)]).Vertices);
        Assert.Equal(0.5, CostQualityHull.Create([(1, 0.5)]).AverageQuality());
        Assert.Equal(0.5, CostQualityHull.Create([(0, 0.2), (0, 0.5), (0, 0.3)]).AverageQuality());
        Assert.Equal(0.5, CostQualityHull.Create([(0.5, 0.4), (1, 0.6)]).AverageQuality(), 12);

        // Where the best point is the cheapest there is nothing to gain; beyond the range of costs its quality holds.
        var decreasing = CostQualityHull.Create([(0.1, 0.9), (0.5, 0.7), (1, 0.5)]);
        Assert.Equal([(0.1, 0.9)], decreasing.Vertices);
        Assert.Equal(0.9, decreasing.AverageQuality(0.1, 1), 12);
        Assert.Equal(0.45, decreasing.AverageQuality(0, 0.2), 12);
    }

    [Fact]
    public void A_hundred_thousand_points_are_no_trouble()
    {
        var hull = CostQualityHull.Create(Enumerable.Range(0, 100_000).Select(static i => ((double)i, Math.Sqrt(i))));
        Assert.Equal(100_000, hull.Vertices.Count);
    }

    [Fact]
    public void Wrong_input_is_refused()
    {
        Assert.Throws<ArgumentException>(static () => CostQualityHull.Create([]));
        Assert.Contains("1", Assert.Throws<ArgumentException>(static () => CostQualityHull.Create([(0, 1), (1, double.NaN)])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(static () => CostQualityHull.Create([(0, 1)]).AverageQuality(2, 1));
        Assert.Throws<ArgumentException>(static () => CostQualityHull.Create([(0, 1)]).AverageQuality(double.NaN, 1));
    }

    private static double BruteForce((double Cost, double Quality)[] points, double cost)
    {
        double best = double.NaN;
        foreach ((double x1, double y1) in points)
        {
            foreach ((double x2, double y2) in points)
            {
                // Affordable alone, or mixed with a dearer one as far as the money goes.
                double quality = x1 > cost ? double.NaN : x2 <= cost ? Math.Max(y1, y2) : Math.Max(y1, y1 + ((y2 - y1) * (cost - x1) / (x2 - x1)));
                best = double.IsNaN(best) || quality > best ? (double.IsNaN(quality) ? best : quality) : best;
            }
        }

        return best;
    }
}
