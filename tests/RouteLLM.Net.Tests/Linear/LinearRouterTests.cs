using CsCheck;

namespace RouteLLM.Tests.Linear;

public class LinearRouterTests
{
    private static readonly LinearModel s_pair = TestLinearModel.Load(TestLinearModel.Artifact());
    private static readonly LinearModel s_tfIdf = TestLinearModel.Load(TestLinearModel.Artifact(features: LinearFeatures.TfIdf));

    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.Int[0, 9].Array[0, 40].Select(static words => string.Join(" ", words.Select(static i => new[] { "prove", "Hello", "hello", "証", "it", "?", "12", "\n", "です", "😀" }[i]))),
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char['\uD800', '\uDFFF'], Gen.Char['\u3040', '\u30FF'], Gen.Char['\u4E00', '\u4E20']), 0, 200]);

    [Fact]
    public void The_logit_is_a_bias_and_the_weights_of_known_words_over_the_norm_of_all_features()
    {
        // Known words have the weights of the test model; 1 is that of unseen features of shape, and 3 of any others.
        const string Prompt = "Prove it, hello hello";
        var buckets = new int[HashedTextFeatures.MaxFeatures];
        int count = HashedTextFeatures.Extract(Prompt, buckets);
        double squares = buckets[..count].Sum(static b =>
            b == TestLinearModel.BucketOf("prove") ? 4.0 : b == TestLinearModel.BucketOf("hello") ? 1 : b < HashedTextFeatures.ShapeBuckets ? 1 : 9);
        double logit = 0.25 + (((3 * 2) - (2 * 1)) / Math.Sqrt(squares));
        Assert.Equal(1 / (1 + Math.Exp(-logit)), s_pair.ForDefaultPair().PredictWinProbability(Prompt), 1e-6);
    }

    [Fact]
    public void By_tf_idf_frequency_counts_and_unknown_words_and_shape_do_not()
    {
        double hello = 1 + Math.Log(3);
        double logit = 0.25 + (((3 * 2) - (2 * hello)) / Math.Sqrt(4 + (hello * hello)));
        LinearRouter router = s_tfIdf.ForDefaultPair();
        Assert.Equal(1 / (1 + Math.Exp(-logit)), router.PredictWinProbability("Hello, hello: prove it!\n\nHello"), 1e-6);
        Assert.Equal(router.PredictWinProbability("hello prove hello hello"), router.PredictWinProbability("Hello, hello: prove it!\n\nHello"), 1e-9);
        Assert.Equal(1 / (1 + Math.Exp(-0.25)), router.PredictWinProbability("nothing known here"), 1e-6);
        Assert.Equal(1 / (1 + Math.Exp(-0.25)), router.PredictWinProbability(""), 1e-6);
    }

    [Fact]
    public void Contributions_and_words_sum_to_the_score_whatever_the_text() => s_text.Sample(static prompt =>
    {
        foreach (LinearRouter router in new[] { s_pair.ForDefaultPair(), s_tfIdf.ForDefaultPair() })
        {
            PredictionExplanation explanation = router.Explain(prompt);
            Assert.Equal(router.PredictWinProbability(prompt), explanation.WinProbability, 1e-9);
            Assert.Equal(explanation.Score, explanation.Bias + explanation.Contributions.Sum(static c => c.Weight), 1e-6);
            Assert.Equal(explanation.Score, explanation.Bias + explanation.ShapeWeight + explanation.Words.Sum(static w => w.Weight), 1e-6);
        }
    });

    [Fact]
    public void An_explanation_names_the_words_that_the_model_knows()
    {
        PredictionExplanation explanation = s_tfIdf.ForDefaultPair().Explain("Hello, prove it. Hello!");
        Assert.Equal(["\"prove\"", "\"hello\""], explanation.Contributions.Select(static c => c.Description));
        Assert.Equal(2, explanation.Contributions[1].Spans.Count);
        Assert.True(explanation.Contributions[0].Weight > 0 && explanation.Contributions[1].Weight < 0);
    }

    [Fact]
    public void A_pool_gives_qualities_and_calibrated_routers_for_any_pair()
    {
        LinearModel logits = TestLinearModel.Load(TestLinearModel.Artifact(LinearLink.QualityLogit, LinearFeatures.TfIdf));
        LinearModel plain = TestLinearModel.Load(TestLinearModel.Artifact(LinearLink.Quality, LinearFeatures.TfIdf));
        var qualities = new double[3];

        // One known word: x is 1, so outputs are biases and weights.
        logits.ForPool().PredictQualities("prove", qualities);
        Assert.Equal([Sigmoid(3.25), Sigmoid(1), Sigmoid(0.5)], qualities, static (a, b) => Math.Abs(a - b) < 1e-6);
        plain.ForPool().PredictQualities("prove", qualities);
        Assert.Equal([1, 1, 0.5], qualities, static (a, b) => Math.Abs(a - b) < 1e-6);

        // The pair of models 1 and 2 has the slope 1 + 5 and the intercept -2.5.
        double middle = logits.ForPair("middle", "small").PredictWinProbability("prove");
        Assert.Equal(Sigmoid((6 * (1 - 0.5)) - 2.5), middle, 1e-6);
        Assert.Null(logits.ForPair("middle", "small").GetService<ScoreQuantiles>());
        Assert.NotNull(logits.ForDefaultPair().GetService<ScoreQuantiles>());

        static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));
    }

    [Fact]
    public async Task Qualities_are_in_the_order_of_the_models_and_a_short_destination_is_refused()
    {
        LinearQualityPredictor predictor = TestLinearModel.Load(TestLinearModel.Artifact(LinearLink.QualityLogit)).ForPool();
        IReadOnlyList<double> qualities = await predictor.PredictQualitiesAsync(new RouteRequest("Prove it"), TestContext.Current.CancellationToken);
        var expected = new double[3];
        predictor.PredictQualities("Prove it", expected);
        Assert.Equal(expected, qualities);
        Assert.Equal(["big", "middle", "small"], predictor.Models);
        Assert.Contains("3 models", Assert.Throws<ArgumentException>(() => predictor.PredictQualities("hi", new double[2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_gives_what_single_calls_give_in_order()
    {
        LinearRouter router = s_pair.ForDefaultPair();
        foreach (int size in new[] { 0, 1, 63, 64, 1000 })
        {
            string[] prompts = [.. Enumerable.Range(0, size).Select(static i => $"prove {i} of {i * i}")];
            IReadOnlyList<double> batch = await router.PredictWinProbabilitiesAsync(prompts, TestContext.Current.CancellationToken);
            Assert.Equal([.. prompts.Select(p => router.PredictWinProbability(p))], batch);
        }
    }

    [Fact]
    public async Task Cancellation_is_honoured()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => s_pair.ForDefaultPair().PredictWinProbabilityAsync("hi", cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => s_pair.ForDefaultPair().PredictWinProbabilitiesAsync(["hi"], cancelled).AsTask());
    }

    [Theory]
    [InlineData(LinearFeatures.Binary)]
    [InlineData(LinearFeatures.TfIdf)]
    public async Task Predicting_allocates_nothing(LinearFeatures features)
    {
        LinearRouter router = TestLinearModel.Load(TestLinearModel.Artifact(features: features)).ForDefaultPair();
        LinearQualityPredictor predictor = TestLinearModel.Load(TestLinearModel.Artifact(LinearLink.Quality, features)).ForPool();
        var request = new RouteRequest("Why does the sum of the first n odd numbers give a square? なぜですか。証明して。");
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        var qualities = new double[3];
        double sum = await router.PredictWinProbabilityAsync(request, cancellationToken);
        predictor.PredictQualities(request.Prompt, qualities);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            sum += await router.PredictWinProbabilityAsync(request, cancellationToken);
            predictor.PredictQualities(request.Prompt, qualities);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sum > 0);
    }

    [Fact]
    public void GetService_answers_for_the_router_and_what_belongs_to_it()
    {
        LinearRouter router = s_pair.ForDefaultPair();
        Assert.Same(router, router.GetService<IBatchRouter>());
        Assert.Same(router, router.GetService<IPredictionExplainer>());
        Assert.Same(s_pair, router.GetService<LinearModel>());
        Assert.NotNull(router.GetService<ScoreQuantiles>());
        RouterMetadata metadata = router.GetService<RouterMetadata>()!;
        Assert.Equal(("test", "big", "small", s_pair.Fingerprint), (metadata.Name, metadata.StrongModel, metadata.WeakModel, metadata.Fingerprint));
        Assert.Null(router.GetService(typeof(string)));
        Assert.Null(router.GetService(typeof(IRouter), "key"));
    }
}
