namespace RouteLLM.Tests.Baselines;

public class RandomRouterTests
{
    private static readonly RouteRequest s_request = new("anything");

    [Fact]
    public async Task The_sequence_of_a_seed_is_that_of_SplitMix64()
    {
        // The published outputs of the reference implementation for the seed 1234567.
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.Equal(expected.Select(static z => (z >> 11) / (double)(1UL << 53)), await Draw(new RandomRouter(1234567), expected.Length));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_sequence_and_another_seed_another()
    {
        double[] first = await Draw(new RandomRouter(7), 100);
        Assert.Equal(first, await Draw(new RandomRouter(7), 100));
        Assert.Empty(first.Intersect(await Draw(new RandomRouter(8), 100)));
        Assert.Empty(first.Intersect(await Draw(new RandomRouter(-7), 100)));
    }

    [Fact]
    public async Task Without_a_seed_each_router_has_a_sequence_of_its_own() =>
        Assert.Empty((await Draw(new RandomRouter(), 100)).Intersect(await Draw(new RandomRouter(), 100)));

    [Fact]
    public async Task Draws_are_uniform_and_independent_of_their_predecessors()
    {
        const int Count = 100_000, Bins = 20;
        double[] draws = await Draw(new RandomRouter(42), Count);
        Assert.All(draws, static draw => Assert.InRange(draw, 0, 1 - double.Epsilon));

        double expected = (double)Count / Bins;
        double chiSquare = draws.CountBy(static draw => (int)(draw * Bins)).Sum(bin => Math.Pow(bin.Value - expected, 2) / expected);
        Assert.InRange(chiSquare, 5.4, 45.3); // 99.9% of chi-square with 19 degrees of freedom, both sides

        double covariance = draws.Zip(draws.Skip(1), static (a, b) => (a - 0.5) * (b - 0.5)).Average();
        Assert.InRange(covariance * 12, -0.01, 0.01);
    }

    [Fact]
    public async Task A_strong_share_is_met_without_calibration()
    {
        double[] draws = await Draw(new RandomRouter(1), 20_000);
        ScoreQuantiles quantiles = new RandomRouter().GetService<ScoreQuantiles>()!;
        for (double share = 0.01; share < 1; share += 0.01)
        {
            double threshold = quantiles.ThresholdForStrongShare(share);
            Assert.Equal(share, draws.Count(draw => draw >= threshold) / (double)draws.Length, 0.015);
        }

        Assert.DoesNotContain(draws, draw => draw >= quantiles.ThresholdForStrongShare(0));
        Assert.All(draws, draw => Assert.True(draw >= quantiles.ThresholdForStrongShare(1)));
    }

    [Fact]
    public async Task Concurrent_callers_share_the_sequence_and_use_each_draw_once()
    {
        const int Tasks = 64, Each = 500;
        var router = new RandomRouter(3);
        double[][] seen = await Task.WhenAll(Enumerable.Range(0, Tasks).Select(_ => Task.Run(() => Draw(router, Each))));
        Assert.Equal((await Draw(new RandomRouter(3), Tasks * Each)).Order(), seen.SelectMany(static draws => draws).Order());
    }

    [Fact]
    public async Task A_cancelled_call_uses_no_draw()
    {
        var router = new RandomRouter(5);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilityAsync(s_request, new CancellationToken(canceled: true)));
        Assert.Equal(await Draw(new RandomRouter(5), 1), await Draw(router, 1));
    }

    private static async Task<double[]> Draw(RandomRouter router, int count)
    {
        var draws = new double[count];
        for (int i = 0; i < count; i++)
        {
            draws[i] = await router.ScoreAsync(s_request);
        }

        return draws;
    }
}
