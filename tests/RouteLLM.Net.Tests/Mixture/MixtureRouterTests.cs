using CsCheck;
using RouteLLM.Tests.Baselines;

namespace RouteLLM.Tests.Mixture;

public class MixtureRouterTests
{
    private static readonly Gen<double> s_score = Gen.Double[MixtureRouter.MinProbability, 1 - MixtureRouter.MinProbability];

    [Fact]
    public async Task The_score_is_the_sigmoid_of_the_weighted_sum_of_logits_and_the_bias()
    {
        var router = new MixtureRouter([new(new FixedRouter(0.8), 0.75), new(new FixedRouter(0.4), 0.5)], bias: -0.2);
        double logit = (0.75 * Math.Log(0.8 / 0.2)) + (0.5 * Math.Log(0.4 / 0.6)) - 0.2;
        Assert.Equal(1 / (1 + Math.Exp(-logit)), await router.ScoreAsync("hi"), 1e-12);
    }

    [Fact]
    public void One_part_of_weight_one_gives_that_parts_score() =>
        s_score.Sample(p => Assert.Equal(p, Score([(p, 1)]), 1e-12));

    [Fact]
    public void A_mean_lies_between_its_parts() =>
        Gen.Select(s_score, s_score, Gen.Double[0, 1]).Sample((p, q, w) =>
            Assert.InRange(Score([(p, w), (q, 1 - w)]), Math.Min(p, q) - 1e-12, Math.Max(p, q) + 1e-12));

    [Fact]
    public void Swapping_strong_and_weak_in_every_part_and_the_bias_gives_the_complement() =>
        Gen.Select(s_score, s_score, Gen.Double[-2, 2], Gen.Double[0.1, 2], Gen.Double[-3, 3]).Sample((p, q, v, w, bias) =>
            Assert.Equal(1, Score([(p, v), (q, w)], bias) + Score([(1 - p, v), (1 - q, w)], -bias), 1e-12));

    [Fact]
    public void A_rule_that_is_sure_weighs_in_and_does_not_silence_the_others()
    {
        double withRule = Score([(0.3, 1), (1, 0.2)]);
        Assert.Equal(Score([(0.3, 1), (1 - MixtureRouter.MinProbability, 0.2)]), withRule);
        Assert.InRange(withRule, 0.3, 0.9);
        Assert.True(Score([(0.1, 1), (1, 0.2)]) < withRule);
        Assert.Equal(0.5, Score([(0, 1), (1, 1)]), 1e-12);
    }

    [Fact]
    public async Task Batches_score_as_single_requests_do_in_order_and_each_part_sees_the_batch_once()
    {
        var batches = new List<int>();
        var part = new CountingBatchRouter(batches);
        var router = new MixtureRouter([new(part, 0.6), new(new PromptLengthRouter(), 0.4), new(new DelegateRouter(AfterYieldAsync), 0.3)], 0.1);
        string[] prompts = [.. Enumerable.Range(1, 100).Select(static i => new string('x', i * 7))];

        IReadOnlyList<double> scores = await router.PredictWinProbabilitiesAsync(prompts, TestContext.Current.CancellationToken);

        Assert.Equal([100], batches);
        for (int i = 0; i < prompts.Length; i++)
        {
            Assert.Equal(await router.ScoreAsync(prompts[i]), scores[i]);
        }

        Assert.Empty(await router.PredictWinProbabilitiesAsync(Array.Empty<string>(), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parts_that_wait_wait_at_the_same_time(bool asBatch)
    {
        // Each part goes on only after the other has been asked.
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        var router = new MixtureRouter(
        [
            new(new DelegateRouter(async (_, token) => { first.TrySetResult(); await second.Task.WaitAsync(token); return 0.6; }), 0.5),
            new(new DelegateRouter(async (_, token) => { second.TrySetResult(); await first.Task.WaitAsync(token); return 0.6; }), 0.5),
        ]);
        double score = asBatch ? (await router.PredictWinProbabilitiesAsync(["hi"], TestContext.Current.CancellationToken))[0] : await router.ScoreAsync("hi");
        Assert.Equal(0.6, score, 1e-12);
    }

    [Fact]
    public async Task Scoring_allocates_nothing_when_the_parts_do_not()
    {
        var router = new MixtureRouter([new(new PromptLengthRouter(), 0.5), new(new DomainRouter(), 0.5)]);
        var request = new RouteRequest("Why does this lock-free queue lose items?");
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            // The first round is for what is made once.
            long before = GC.GetAllocatedBytesForCurrentThread();
            ValueTask<double> score = router.PredictWinProbabilityAsync(request, cancellationToken);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(score.IsCompletedSuccessfully);
            await score;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void It_answers_for_itself_its_metadata_and_its_own_quantiles_but_not_for_its_parts()
    {
        var quantiles = new ScoreQuantiles([0.1, 0.9]);
        var router = new MixtureRouter([new(FixedRouter.AlwaysStrong, 1)], name: "both") { Quantiles = quantiles };
        Assert.Same(router, router.GetService<IBatchRouter>());
        Assert.Equal("both", router.GetService<RouterMetadata>()!.Name);
        Assert.Same(quantiles, router.GetService<ScoreQuantiles>());
        Assert.Null(router.GetService<FixedRouter>());
        Assert.Null(router.GetService<RouterMetadata>("key"));
        Assert.Null(new MixtureRouter([new(FixedRouter.AlwaysStrong, 1)]).GetService<ScoreQuantiles>());
    }

    [Fact]
    public void What_cannot_be_mixed_is_refused_with_the_reason()
    {
        Assert.Contains("0 parts", Assert.Throws<ArgumentException>(static () => new MixtureRouter([])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(static () => new MixtureRouter([new(FixedRouter.AlwaysStrong, 0)]));
        Assert.Throws<ArgumentException>(static () => new MixtureRouter([null!]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MixturePart(FixedRouter.AlwaysStrong, double.NaN));
        Assert.Throws<ArgumentNullException>(static () => new MixturePart(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MixtureRouter([new(FixedRouter.AlwaysStrong, 1)], double.PositiveInfinity));
        Assert.Throws<ArgumentException>(static () => new MixtureRouter([new(FixedRouter.AlwaysStrong, 1)], name: " "));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new MixtureRouter([new(FixedRouter.AlwaysStrong, 1)]) { PartTimeLimit = TimeSpan.Zero });
    }

    private static async ValueTask<double> AfterYieldAsync(RouteRequest request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return 1.0 / (1 + request.Prompt.Length);
    }

    private static double Score((double Score, double Weight)[] parts, double bias = 0)
    {
        Task<double> score = new MixtureRouter(parts.Select(static part => new MixturePart(new FixedRouter(part.Score), part.Weight)), bias).ScoreAsync("hi");
        Assert.True(score.IsCompletedSuccessfully);
        return score.GetAwaiter().GetResult();
    }

    private sealed class CountingBatchRouter(List<int> batches) : IBatchRouter
    {
        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
            new(request.Prompt.Length / 1000.0);

        public ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
        {
            batches.Add(requests.Count);
            return new([.. requests.Select(static request => request.Prompt.Length / 1000.0)]);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;
    }
}
