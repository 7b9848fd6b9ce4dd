using CsCheck;

namespace RouteLLM.Tests.MatrixFactorization;

public class HashedMatrixFactorizationRouterTests
{
    private static readonly HashedMatrixFactorizationModel s_model = TestModel.Load(TestModel.CreateWriter());

    [Fact]
    public void The_probability_is_that_of_a_clear_win_by_Rao_and_Kupper()
    {
        // With the gate wide open, delta_big - delta_small = (1 - -1) z_0; features have weight 1, so x is 1 / sqrt(n).
        const string Prompt = "Prove it, please.";
        var buckets = new int[HashedTextFeatures.GetMaxFeatures(Prompt.Length)];
        int count = HashedTextFeatures.Extract(Prompt, buckets);
        double z = buckets[..count].Sum(static b => (double)(Half)(((b * 2 * 7919L % 2001) / 1000.0) - 1)) / Math.Sqrt(count);
        double expected = 1 / (1 + Math.Exp(-((2 * z) - 0.5)));
        Assert.Equal(expected, s_model.ForDefaultPair().PredictWinProbability(Prompt), 5);
    }

    [Fact]
    public void A_clear_win_of_either_model_and_a_tie_share_the_probability() => Gen.String[1, 200].Sample(static prompt =>
    {
        double win = s_model.ForPair("big", "medium").PredictWinProbability(prompt);
        double loss = s_model.ForPair("medium", "big").PredictWinProbability(prompt);
        Assert.InRange(win + loss, 0, 1);
    }, iter: 20);

    [Fact]
    public async Task A_batch_gives_what_single_calls_give_in_order()
    {
        HashedMatrixFactorizationRouter router = s_model.ForDefaultPair();
        foreach (int size in new[] { 0, 1, 63, 64, 1000 })
        {
            string[] prompts = [.. Enumerable.Range(0, size).Select(static i => $"prompt {i} of {i * i}")];
            IReadOnlyList<double> batch = await router.PredictWinProbabilitiesAsync(prompts, TestContext.Current.CancellationToken);
            Assert.Equal([.. prompts.Select(p => router.PredictWinProbability(p))], batch);
        }
    }

    [Fact]
    public async Task Cancellation_is_honoured()
    {
        HashedMatrixFactorizationRouter router = s_model.ForDefaultPair();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => router.PredictWinProbabilityAsync("hi", cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => router.PredictWinProbabilitiesAsync(["hi"], cancelled).AsTask());
    }

    [Fact]
    public void Single_predictions_complete_synchronously()
    {
        Task<double> prediction = s_model.ForDefaultPair().PredictWinProbabilityAsync("hi", TestContext.Current.CancellationToken).AsTask();
        Assert.True(prediction.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Predicting_allocates_nothing()
    {
        HashedMatrixFactorizationRouter router = s_model.ForDefaultPair();
        var request = new RouteRequest("Why does the sum of the first n odd numbers give a square? なぜですか。");
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        double sum = await router.PredictWinProbabilityAsync(request, TestContext.Current.CancellationToken);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            sum += await router.PredictWinProbabilityAsync(request, cancellationToken);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sum > 0);
    }

    [Fact]
    public void GetService_answers_for_the_router_and_what_belongs_to_it()
    {
        HashedMatrixFactorizationRouter router = s_model.ForDefaultPair();
        Assert.Same(router, router.GetService<IRouter>());
        Assert.Same(router, router.GetService<IBatchRouter>());
        Assert.Same(s_model, router.GetService<HashedMatrixFactorizationModel>());
        Assert.NotNull(router.GetService<ScoreQuantiles>());
        RouterMetadata metadata = router.GetService<RouterMetadata>()!;
        Assert.Equal(("test", "big", "small", s_model.Fingerprint), (metadata.Name, metadata.StrongModel, metadata.WeakModel, metadata.Fingerprint));
        Assert.Null(router.GetService(typeof(string)));
        Assert.Null(router.GetService(typeof(IRouter), "key"));
    }

    [Fact]
    public void Only_the_default_pair_has_quantiles() => Assert.Null(s_model.ForPair("medium", "small").GetService<ScoreQuantiles>());
}
