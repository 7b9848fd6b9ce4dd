using CsCheck;

namespace RouteLLM.Tests.Mixture;

public class MixtureRouterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Weights_that_add_up_to_one_give_the_weighted_geometric_mean_of_the_odds()
    {
        var mixture = new MixtureRouter([new(new FixedRouter(0.8), 0.5), new(new FixedRouter(0.2), 0.5)]);
        Assert.Equal(0.5, await mixture.PredictWinProbabilityAsync("x", Cancel), 1e-12);

        var leaning = new MixtureRouter([new(new FixedRouter(0.9), 0.75), new(new FixedRouter(0.5), 0.25)]);
        Assert.Equal(Math.Pow(9, 0.75) / (1 + Math.Pow(9, 0.75)), await leaning.PredictWinProbabilityAsync("x", Cancel), 1e-12);
    }

    [Fact]
    public void One_part_of_weight_one_is_itself_within_its_bounds() =>
        Gen.Double[0, 1].Sample(p =>
        {
            double mixed = new MixtureRouter([new(new FixedRouter(p), 1)]).PredictWinProbabilityAsync("x").AsTask().GetAwaiter().GetResult();
            Assert.Equal(Math.Clamp(p, MixtureRouter.MinProbability, 1 - MixtureRouter.MinProbability), mixed, 1e-9);
        });

    [Fact]
    public async Task A_part_that_is_sure_outweighs_the_others_without_silencing_them()
    {
        MixturePart sure = new(FixedRouter.AlwaysStrong, 1);
        double high = await new MixtureRouter([sure, new(new FixedRouter(0.9), 1)]).PredictWinProbabilityAsync("x", Cancel);
        double low = await new MixtureRouter([sure, new(new FixedRouter(0.1), 1)]).PredictWinProbabilityAsync("x", Cancel);
        Assert.True(high > low && low > 0.9 && high < 1);
    }

    [Fact]
    public async Task A_batch_goes_to_each_part_as_one_and_gives_what_single_requests_give()
    {
        var batch = new BatchRouter();
        var mixture = new MixtureRouter([new(batch, 0.7), new(new PromptLengthRouter(0, 10), 0.6), new(new FixedRouter(0.3), -0.2)], bias: 0.1);
        string[] prompts = ["a", "abcde", "abcdefghij"];

        IReadOnlyList<double> together = await mixture.PredictWinProbabilitiesAsync(prompts, Cancel);

        Assert.Equal(1, batch.Batches);
        for (int i = 0; i < prompts.Length; i++)
        {
            Assert.Equal(await mixture.PredictWinProbabilityAsync(prompts[i], Cancel), together[i], 1e-12);
        }
    }

    [Fact]
    public async Task A_part_that_fails_fails_the_mixture_or_is_left_out_by_option()
    {
        var error = new InvalidOperationException("broken");
        MixturePart[] parts = [new(new FixedRouter(0.8), 1), new(new FakeRouter((_, _) => throw error), 1)];

        Assert.Same(error, await Assert.ThrowsAsync<InvalidOperationException>(async () => await new MixtureRouter(parts).PredictWinProbabilityAsync("x", Cancel)));

        // The part that is left has the weight of both.
        Assert.Equal(16.0 / 17, await new MixtureRouter(parts) { LeaveOutFailures = true }.PredictWinProbabilityAsync("x", Cancel), 1e-12);
        Assert.Equal(16.0 / 17, (await new MixtureRouter(parts) { LeaveOutFailures = true }.PredictWinProbabilitiesAsync(["x"], Cancel))[0], 1e-12);
        await Assert.ThrowsAsync<AggregateException>(async () => await new MixtureRouter([parts[1], parts[1]]) { LeaveOutFailures = true }.PredictWinProbabilityAsync("x", Cancel));
    }

    [Fact]
    public async Task What_is_no_probability_is_a_failure()
    {
        var mixture = new MixtureRouter([new(new FakeRouter(double.NaN), 1)]);
        Assert.Contains("NaN", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await mixture.PredictWinProbabilityAsync("x", Cancel))).Message);
    }

    [Fact]
    public void It_refuses_what_makes_no_mixture()
    {
        Assert.Throws<ArgumentException>(() => new MixtureRouter([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MixtureRouter([new(new FixedRouter(0.5), 1)], double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MixturePart(new FixedRouter(0.5), double.PositiveInfinity));
    }

    private sealed class BatchRouter : IBatchRouter
    {
        public int Batches { get; private set; }

        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(request.Prompt.Length / 20.0);

        public ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
        {
            Batches++;
            return new([.. requests.Select(request => request.Prompt.Length / 20.0)]);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;
    }
}
