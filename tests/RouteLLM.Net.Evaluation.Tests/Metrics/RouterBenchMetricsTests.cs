using System.Text.Json;

namespace RouteLLM.Evaluation.Tests;

public class RouterBenchMetricsTests
{
    [Fact]
    public void Hulls_and_AIQ_are_those_of_the_original() => Assert.All(Golden.Load("aiq.json").EnumerateArray(), static test =>
    {
        string name = test.GetProperty("name").GetString()!;
        (double, double)[][] routers = [.. test.GetProperty("routers").EnumerateArray().Select(Golden.Pairs)];
        foreach (((double, double)[] points, JsonElement hull) in routers.Zip(test.GetProperty("hulls").EnumerateArray()))
        {
            if (hull.TryGetProperty("error", out _))
            {
                Assert.Throws<ArgumentException>(() => RouterBenchMetrics.NonDecreasingHull(points));
            }
            else
            {
                Golden.Equal(Golden.Pairs(hull.GetProperty("value")), RouterBenchMetrics.NonDecreasingHull(points), name);
            }
        }

        if (test.GetProperty("aiq").TryGetProperty("error", out _))
        {
            Assert.Throws<ArgumentException>(() => RouterBenchMetrics.Aiq(routers));
        }
        else
        {
            foreach ((double expected, double actual) in Golden.Numbers(test.GetProperty("aiq").GetProperty("value")).Zip(RouterBenchMetrics.Aiq(routers)))
            {
                Golden.Equal(expected, actual, $"{name} AIQ");
            }
        }
    });
}
