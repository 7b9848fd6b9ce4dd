using CsCheck;
using RouteLLM.Tests.Embeddings;

namespace RouteLLM.Tests.Clusters;

public class ClusteredModelTests
{
    [Theory]
    [InlineData("x", 0)]
    [InlineData("y", 1)]
    [InlineData("z", 2)]
    public async Task A_prompt_belongs_to_the_nearest_centroid_and_its_classifier_answers(string prompt, int cluster)
    {
        ClusteredQualityPredictor predictor = TestClusters.Create().ForPool(TestClusters.Embedder());
        var request = new RouteRequest(prompt);
        IReadOnlyList<double> qualities = await predictor.PredictQualitiesAsync(request, TestContext.Current.CancellationToken);

        double[] exponentials = [.. TestClusters.Logits(TestClusters.Classifiers[cluster], TestClusters.Embed(prompt)).Select(Math.Exp)];
        Assert.Equal(cluster, request.Cluster);
        Assert.Equal(cluster, await predictor.AssignClusterAsync(request, TestContext.Current.CancellationToken));
        Assert.Equal(TestClusters.Models, predictor.Models);
        for (int m = 0; m < 3; m++)
        {
            Assert.Equal(exponentials[m] / exponentials.Sum(), qualities[m], 6);
        }
    }

    [Fact]
    public void The_nearest_centroid_is_the_nearest_by_distance() => Gen.Select(Gen.Float[-3, 3].Array[5], Gen.Float[-3, 3].Array[20]).Sample((embedding, centroids) =>
    {
        var model = new ClusteredModel(["a", "b"], centroids, [1, 1, 1, 1], [0, 0, 0, 0], new float[10], new float[2]);
        double Distance(int cluster) => Enumerable.Range(0, 5).Sum(j => Math.Pow((double)embedding[j] - centroids[(cluster * 5) + j], 2));
        double nearest = Enumerable.Range(0, 4).Min(Distance);
        return Distance(model.AssignCluster(embedding)) <= nearest + 1e-4;
    });

    [Fact]
    public void A_pool_shares_the_probability_among_its_models()
    {
        ClusteredModel model = TestClusters.Create();
        float[] embedding = TestClusters.Embed("y");
        double[] all = new double[3], two = new double[2];
        model.ForPool(TestClusters.Embedder()).PredictQualities(embedding, all);
        model.ForPool(TestClusters.Embedder(), ["c", "a"]).PredictQualities(embedding, two);
        Assert.Equal(1, all.Sum(), 10);
        Assert.Equal(all[2] / (all[0] + all[2]), two[0], 6);
        Assert.Equal(all[0] / (all[0] + all[2]), two[1], 6);
    }

    [Fact]
    public async Task The_win_probability_is_the_strong_models_share_in_the_pairs_and_calibrated_for_the_default_pair()
    {
        ClusteredModel model = TestClusters.Create();
        var request = new RouteRequest("y");
        double[] p = new double[3];
        model.ForPool(TestClusters.Embedder()).PredictQualities(TestClusters.Embed("y"), p);

        ClusteredRouter other = model.ForPair("c", "b", TestClusters.Embedder());
        Assert.Equal(p[2] / (p[2] + p[1]), await other.PredictWinProbabilityAsync(request, TestContext.Current.CancellationToken), 6);
        Assert.Null(other.GetService<ScoreQuantiles>());

        ClusteredRouter router = model.ForDefaultPair(TestClusters.Embedder());
        double logit = (2 * Math.Log(p[0] / p[1])) - 0.25;
        Assert.Equal(1 / (1 + Math.Exp(-logit)), await router.PredictWinProbabilityAsync(request, TestContext.Current.CancellationToken), 6);
        Assert.Equal([0, 0.25, 0.5, 1], router.GetService<ScoreQuantiles>()!.Values);
        Assert.Equal("a", router.GetService<RouterMetadata>()!.StrongModel);
        Assert.Same(model, router.GetService<ClusteredModel>());
        Assert.Same(router, router.GetService<IClusteredRouter>());
    }

    [Fact]
    public async Task A_batch_sets_the_cluster_of_each_request()
    {
        ClusteredRouter router = TestClusters.Create().ForDefaultPair(TestClusters.Embedder());
        RouteRequest[] requests = [.. "zyxxzy".Select(static letter => new RouteRequest($"{letter}"))];
        IReadOnlyList<double> batch = await router.PredictWinProbabilitiesAsync(requests, TestContext.Current.CancellationToken);
        Assert.Equal([2, 1, 0, 0, 2, 1], requests.Select(static request => request.Cluster));
        Assert.Equal(requests.Select(static request => TestClusters.Embed(request.Prompt)).Select(vector => router.PredictWinProbability(vector)), batch);
    }

    [Fact]
    public async Task Scoring_allocates_nothing()
    {
        var embedder = new HashedTextEmbeddingGenerator(64);
        var model = new ClusteredModel(["a", "b", "c"], new float[128], [1, 1], [0, 0], new float[192], new float[3]);
        ClusteredRouter router = model.ForPair("a", "b", embedder);
        var request = new RouteRequest("what is the capital of France?");
        double probability = await router.PredictWinProbabilityAsync(request, TestContext.Current.CancellationToken);
        CancellationToken cancellation = TestContext.Current.CancellationToken;

        // A collection that other tests cause charges this thread with what is left of its buffer, so the least of several tries counts.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 10; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                // Completes at once, so that the whole loop stays on one thread.
                probability = await router.PredictWinProbabilityAsync(request, cancellation);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(0.5, probability);
    }

    [Fact]
    public void Embeddings_without_an_answer_are_refused()
    {
        ClusteredModel model = TestClusters.Create();
        ClusteredRouter router = model.ForDefaultPair(TestClusters.Embedder());
        double[] qualities = new double[3];
        ClusteredQualityPredictor predictor = model.ForPool(TestClusters.Embedder());
        foreach (float[] wrong in new float[][] { [1, 2], [float.NaN, 0, 0], [float.PositiveInfinity, 0, 0], [0, float.NegativeInfinity, float.PositiveInfinity] })
        {
            Assert.Throws<ArgumentException>(() => model.AssignCluster(wrong));
            Assert.Throws<ArgumentException>(() => router.PredictWinProbability(wrong));
            Assert.Throws<ArgumentException>(() => predictor.PredictQualities(wrong, qualities));
        }

        Assert.Throws<ArgumentException>(() => predictor.PredictQualities([1, 0, 0], new double[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.HasOwnClassifier(3));
        Assert.True(model.HasOwnClassifier(1));
        Assert.False(model.HasOwnClassifier(2));
    }

    [Fact]
    public void Pairs_pools_and_embedders_that_do_not_fit_are_refused()
    {
        ClusteredModel model = TestClusters.Create();
        TestEmbeddingGenerator embedder = TestClusters.Embedder();
        Assert.Throws<ArgumentException>(() => model.ForPair("a", "a", embedder));
        Assert.Contains("'d'", Assert.Throws<ArgumentException>(() => model.ForPair("a", "d", embedder)).Message);
        Assert.Throws<ArgumentException>(() => model.ForPool(embedder, ["a"]));
        Assert.Contains("axes/3", Assert.Throws<ArgumentException>(() => model.ForDefaultPair(TestEmbeddingGenerator.OfRandom(3, "other"))).Message);
        Assert.Throws<InvalidOperationException>(() => TestClusters.Create(new()).ForDefaultPair(embedder));
    }
}
