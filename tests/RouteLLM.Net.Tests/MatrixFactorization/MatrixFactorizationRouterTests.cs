using Microsoft.Extensions.AI;
using RouteLLM.Tests.Artifacts;
using RouteLLM.Tests.Embeddings;

namespace RouteLLM.Tests.MatrixFactorization;

public class MatrixFactorizationRouterTests
{
    [Fact]
    public void It_answers_for_what_it_is_made_of()
    {
        var quantiles = new ScoreQuantiles([0, 1]);
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(1, true, new MatrixFactorizationModelInfo { Name = "mine", StrongModel = "a", WeakModel = "b", Quantiles = quantiles });
        MatrixFactorizationRouter router = model.ForDefaultPair(TestEmbeddingGenerator.OfRandom(7));
        RouterMetadata metadata = router.GetService<RouterMetadata>()!;

        Assert.Equal(("mine", "a", "b", model.Fingerprint), (metadata.Name, metadata.StrongModel, metadata.WeakModel, metadata.Fingerprint));
        Assert.Same(model, router.GetService<MatrixFactorizationModel>());
        Assert.Equal("a", router.GetService<MatrixFactorizationPair>()!.StrongModel);
        Assert.Same(quantiles, router.GetService<ScoreQuantiles>());
        Assert.Same(router, router.GetService<IBatchRouter>());
        Assert.Null(router.GetService<MatrixFactorizationModel>("key"));
        Assert.Null(router.GetService<string>());
    }

    [Fact]
    public void Quantiles_are_those_of_the_default_pair_alone()
    {
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(1, true, new MatrixFactorizationModelInfo { StrongModel = "a", WeakModel = "b", Quantiles = new ScoreQuantiles([0, 1]) });

        Assert.NotNull(model.ForPair("a", "b", TestEmbeddingGenerator.OfRandom(7)).GetService<ScoreQuantiles>());
        Assert.Null(model.ForPair("b", "a", TestEmbeddingGenerator.OfRandom(7)).GetService<ScoreQuantiles>());
    }

    [Fact]
    public void Scoring_an_embedding_allocates_nothing()
    {
        MatrixFactorizationRouter router = MatrixFactorizationModelTests.Random(1, hasProjection: true).ForPair("a", "b", TestEmbeddingGenerator.OfRandom(7));
        float[] embedding = TestEmbeddingGenerator.Random("x", 7);
        double sum = router.PredictWinProbability(embedding);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            sum += router.PredictWinProbability(embedding);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(sum, 0, 101);
    }

    [Fact]
    public async Task Scoring_a_text_with_hashed_embeddings_completes_at_once_without_allocating()
    {
        MatrixFactorizationRouter router = Hashed();
        var request = new RouteRequest("What is the capital of France?");
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Assert.True(router.PredictWinProbabilityAsync(request, cancellationToken).AsTask().IsCompletedSuccessfully);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            await router.PredictWinProbabilityAsync(request, cancellationToken);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Hashed_embeddings_give_the_same_with_and_without_a_wrapper()
    {
        string[] prompts = [.. Enumerable.Range(0, 300).Select(static i => $"Question {i}: {new string('x', i)}?")];
        MatrixFactorizationModel model = Hashed().GetService<MatrixFactorizationModel>()!;
        var generator = new HashedTextEmbeddingGenerator(16);
        MatrixFactorizationRouter direct = model.ForPair("a", "b", generator);
        MatrixFactorizationRouter wrapped = model.ForPair("a", "b", generator.WithModelId(HashedTextEmbeddingGenerator.ModelId));

        IReadOnlyList<double> expected = await wrapped.PredictWinProbabilitiesAsync(prompts, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await direct.PredictWinProbabilitiesAsync(prompts, TestContext.Current.CancellationToken));
        for (int i = 0; i < prompts.Length; i += 50)
        {
            Assert.Equal(expected[i], await direct.PredictWinProbabilityAsync(prompts[i], TestContext.Current.CancellationToken));
            Assert.Equal(expected[i], await wrapped.PredictWinProbabilityAsync(prompts[i], TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void An_embedding_that_leaves_no_answer_is_refused(float value)
    {
        MatrixFactorizationRouter router = MatrixFactorizationModelTests.Random(1, hasProjection: true).ForPair("a", "b", TestEmbeddingGenerator.OfRandom(7));
        float[] embedding = [1, value, 0, -value, 1, value, -value];

        Assert.Contains("component 1 is", Assert.Throws<ArgumentException>(() => router.PredictWinProbability(embedding)).Message);
    }

    [Fact]
    public async Task A_generator_that_breaks_its_word_is_reported()
    {
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(1, hasProjection: true);
        MatrixFactorizationRouter router = model.ForPair("a", "b", TestEmbeddingGenerator.OfRandom(3));

        await Assert.ThrowsAsync<ArgumentException>(async () => await router.PredictWinProbabilityAsync("x", TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(async () => await router.PredictWinProbabilitiesAsync(["x", "y"], TestContext.Current.CancellationToken));
        Assert.Contains("1024 dimensions", Assert.Throws<ArgumentException>(() => model.ForPair("a", "b", new HashedTextEmbeddingGenerator())).Message);
    }

    [Theory]
    [InlineData("text-embedding-3-small/7", "text-embedding-3-small", 7, true)]
    [InlineData("text-embedding-3-small/7", "text-embedding-3-small", null, true)]
    [InlineData("text-embedding-3-small", "text-embedding-3-small", 7, true)]
    [InlineData("text-embedding-3-small/7", null, 7, true)]
    [InlineData(null, "anything", 7, true)]
    [InlineData("BAAI/bge-small-en", "BAAI/bge-small-en", 7, true)]
    [InlineData("BAAI/bge-small-en/7", "BAAI/bge-base-en", 7, false)]
    [InlineData("text-embedding-3-small/7", "text-embedding-3-large", 7, false)]
    [InlineData("text-embedding-3-small/1536", "text-embedding-3-small", 7, false)]
    public void Another_embedder_than_the_artifacts_is_refused(string? expected, string? actual, int? dimensions, bool isAccepted)
    {
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(1, true, new MatrixFactorizationModelInfo { Embedder = expected });
        var generator = new TestEmbeddingGenerator(static _ => new float[7], actual, dimensions);

        if (isAccepted)
        {
            Assert.NotNull(model.ForPair("a", "b", generator));
            Assert.NotNull(model.ForPool(generator));
        }
        else
        {
            var exception = Assert.Throws<ArgumentException>(() => model.ForPair("a", "b", generator));
            Assert.Contains($"made with the embedder '{expected}', but the generator given is '{actual}/7'", exception.Message);
            Assert.Throws<ArgumentException>(() => model.ForPool(generator));
        }
    }

    [Fact]
    public async Task A_generator_of_another_name_can_be_identified()
    {
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(1, true, new MatrixFactorizationModelInfo { Embedder = "text-embedding-3-small/7" });
        var deployment = new TestEmbeddingGenerator(static _ => new float[7], "my-deployment", 7);
        Assert.Contains("WithModelId", Assert.Throws<ArgumentException>(() => model.ForPair("a", "b", deployment)).Message);

        IEmbeddingGenerator<string, Embedding<float>> identified = deployment.WithModelId("text-embedding-3-small");
        await model.ForPair("a", "b", identified).PredictWinProbabilityAsync("x", TestContext.Current.CancellationToken);

        Assert.Single(deployment.Calls);
        Assert.Equal(("test", "text-embedding-3-small", 7), identified.GetService<EmbeddingGeneratorMetadata>() is { } m ? (m.ProviderName, m.DefaultModelId, m.DefaultModelDimensions) : default);
    }

    [Fact]
    public async Task Qualities_are_mean_chances_against_the_pool()
    {
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(5, hasProjection: true, margin: 0.7);
        MatrixFactorizationQualityPredictor predictor = model.ForPool(TestEmbeddingGenerator.OfRandom(7));
        float[] embedding = TestEmbeddingGenerator.Random("prompt", 7);

        IReadOnlyList<double> qualities = await predictor.PredictQualitiesAsync(new RouteRequest("prompt"), TestContext.Current.CancellationToken);

        Assert.Equal(model.Models, predictor.Models);
        for (int m = 0; m < 4; m++)
        {
            double expected = Enumerable.Range(0, 4).Where(n => n != m).Average(n =>
            {
                double win = model.ForPair(model.Models[m], model.Models[n]).PredictWinProbability(embedding);
                double loss = model.ForPair(model.Models[n], model.Models[m]).PredictWinProbability(embedding);
                return win + ((1 - win - loss) / 2);
            });
            Assert.Equal(expected, qualities[m], 1e-6);
        }

        Assert.Equal(0.5, qualities.Average(), 1e-12);
    }

    [Fact]
    public void A_pool_of_two_has_the_qualities_of_their_pair()
    {
        MatrixFactorizationModel model = MatrixFactorizationModel.Load(SafetensorsGoldenTests.PathOf("proj"));
        MatrixFactorizationQualityPredictor predictor = model.ForPool(TestEmbeddingGenerator.OfRandom(96), ["gemini-pro", "gpt-4-0314"]);
        float[] embedding = TestEmbeddingGenerator.Random("prompt", 96);
        double[] qualities = new double[3];

        predictor.PredictQualities(embedding, qualities);

        Assert.Equal(model.ForPair("gemini-pro", "gpt-4-0314").PredictWinProbability(embedding), qualities[0], 1e-6);
        Assert.Equal(1 - qualities[0], qualities[1], 1e-12);
        Assert.Equal(0, qualities[2]);
    }

    [Fact]
    public void Pools_and_destinations_that_are_not_valid_are_refused()
    {
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(1, hasProjection: true);
        TestEmbeddingGenerator generator = TestEmbeddingGenerator.OfRandom(7);

        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => model.ForPool(generator, ["a", "x"])).Message);
        Assert.Contains("'a' is there twice", Assert.Throws<ArgumentException>(() => model.ForPool(generator, ["a", "a"])).Message);
        Assert.Contains("At least two", Assert.Throws<ArgumentException>(() => model.ForPool(generator, ["a"])).Message);
        Assert.Contains("holds 3 numbers", Assert.Throws<ArgumentException>(() => model.ForPool(generator).PredictQualities(new float[7], new double[3])).Message);
        Assert.Contains("not finite", Assert.Throws<ArgumentException>(() => model.ForPool(generator).PredictQualities([float.NaN, 0, 0, 0, 0, 0, 0], new double[4])).Message);
    }

    private static MatrixFactorizationRouter Hashed() =>
        new MatrixFactorizationModel(["a", "b"], TestEmbeddingGenerator.Random("items", 4), [0.1f, -0.1f], TestEmbeddingGenerator.Random("projection", 32), new() { Embedder = $"{HashedTextEmbeddingGenerator.ModelId}/16" })
            .ForPair("a", "b", new HashedTextEmbeddingGenerator(16));
}
