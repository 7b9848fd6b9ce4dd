using Microsoft.Extensions.VectorData;
using RouteLLM.Tests.Battles;

namespace RouteLLM.Tests.VectorStores;

public class VectorStoreRouterTests
{
    private static readonly (Battle Battle, float[] Embedding)[] s_rows = RandomBattles.Make(12, 400);
    private static readonly BattleIndex s_index = RandomBattles.Index(s_rows);
    private static readonly float[][] s_queries = [.. Enumerable.Range(0, 10).Select(static seed => RandomBattles.Vector(new Random(seed), 24))];

    private readonly ListCollection _collection = new([.. s_rows.Select(BattleRecord.From)]);
    private readonly FakeEmbeddingGenerator _generator = new(static text => s_queries[int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)]);

    [Theory]
    [InlineData(SimilarityWeightedMethod.BradleyTerry)]
    [InlineData(SimilarityWeightedMethod.MeanOutcome)]
    public async Task Similarity_weighted_ranking_of_a_whole_collection_is_that_of_the_index(SimilarityWeightedMethod method)
    {
        var options = new SimilarityWeightedOptions { Method = method };
        var expected = new SimilarityWeightedRouter(s_index, "m0", "m5", _generator, options);
        var router = new VectorStoreSimilarityWeightedRouter<BattleRecord>(_collection, static record => record.ToBattle(), s_index.FitRatings(), "m0", "m5", _generator, options);
        foreach (float[] query in s_queries)
        {
            Assert.Equal(expected.PredictWinProbability(query), await router.PredictWinProbabilityAsync(query, TestContext.Current.CancellationToken), 1e-9);
        }

        Assert.Equal(1000, _collection.LastTop);
    }

    [Fact]
    public async Task Similarity_weighted_ranking_of_the_nearest_is_near_that_of_all()
    {
        var expected = new SimilarityWeightedRouter(s_index, "m0", "m5", _generator);
        var router = new VectorStoreSimilarityWeightedRouter<BattleRecord>(
            _collection, static record => record.ToBattle(), s_index.FitRatings(), "m0", "m5", _generator, search: new() { Top = 300 });
        foreach (float[] query in s_queries)
        {
            Assert.Equal(expected.PredictWinProbability(query), await router.PredictWinProbabilityAsync(query, TestContext.Current.CancellationToken), 0.1);
        }

        Assert.Equal(300, _collection.LastTop);
    }

    [Theory]
    [InlineData(DistanceFunction.CosineSimilarity)]
    [InlineData(DistanceFunction.CosineDistance)]
    [InlineData(DistanceFunction.DotProductSimilarity)]
    [InlineData(DistanceFunction.NegativeDotProductSimilarity)]
    [InlineData(DistanceFunction.EuclideanDistance)]
    [InlineData(DistanceFunction.EuclideanSquaredDistance)]
    public async Task Nearest_neighbours_of_a_filtered_collection_are_those_of_the_index_whatever_its_distance(string distanceFunction)
    {
        var collection = new ListCollection([.. s_rows.Select(BattleRecord.From)], distanceFunction);
        var options = new NearestNeighborOptions { Neighbors = 7, Temperature = 0.1 };
        var search = new VectorStoreRouterOptions<BattleRecord>
        {
            DistanceFunction = distanceFunction,
            Search = new() { Filter = static record => (record.ModelA == "m0" && record.ModelB == "m5") || (record.ModelA == "m5" && record.ModelB == "m0") },
        };
        var expected = new NearestNeighborRouter(s_index, "m0", "m5", _generator, options);
        var router = new VectorStoreNearestNeighborRouter<BattleRecord>(collection, static record => record.ToBattle(), "m0", "m5", _generator, options, search);
        foreach (float[] query in s_queries)
        {
            Assert.Equal(expected.PredictWinProbability(query), await router.PredictWinProbabilityAsync(query, TestContext.Current.CancellationToken), 1e-9);
        }

        Assert.Equal(7, collection.LastTop);
    }

    [Fact]
    public async Task A_batch_is_embedded_at_once_and_answered_in_order()
    {
        IRouter router = new VectorStoreSimilarityWeightedRouter<BattleRecord>(_collection, static record => record.ToBattle(), s_index.FitRatings(), "m0", "m5", _generator);
        IReadOnlyList<double> batch = await router.PredictWinProbabilitiesAsync(["3", "1", "4", "1"], TestContext.Current.CancellationToken);
        Assert.Equal(1, _generator.Calls);
        var expected = new SimilarityWeightedRouter(s_index, "m0", "m5", _generator);
        Assert.All(new[] { 3, 1, 4, 1 }, (query, i) => Assert.Equal(expected.PredictWinProbability(s_queries[query]), batch[i], 1e-9));
    }

    [Fact]
    public async Task Explanations_are_those_of_the_index()
    {
        var expected = new NearestNeighborRouter(s_index, "m0", "m5", _generator, new() { Neighbors = 5 });
        IRouter router = new VectorStoreNearestNeighborRouter<BattleRecord>(_collection, static record => record.ToBattle(), "m0", "m5", _generator, new() { Neighbors = 5 }, new() { Top = 400 });
        IReadOnlyList<NearestBattle> actual = await router.GetService<INearestBattleExplainer>()!.ExplainAsync(new RouteRequest("2"), 3, TestContext.Current.CancellationToken);
        Assert.Equal(expected.Explain(s_queries[2], 3).Select(static battle => (battle.Battle, battle.Weight)), actual.Select(static battle => (battle.Battle, battle.Weight)));
        Assert.All(actual, static battle => Assert.Null(battle.Row));
    }

    [Fact]
    public async Task A_search_that_finds_nothing_for_the_pair_or_gives_no_scores_says_so()
    {
        var none = new VectorStoreNearestNeighborRouter<BattleRecord>(_collection, static record => record.ToBattle(), "m0", "unknown", _generator);
        Assert.Contains("unknown", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await none.PredictWinProbabilityAsync("1", TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        var scoreless = new VectorStoreNearestNeighborRouter<BattleRecord>(new ListCollection([.. s_rows.Select(BattleRecord.From)], "none"), static record => record.ToBattle(), "m0", "m5", _generator);
        Assert.Contains("score", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await scoreless.PredictWinProbabilityAsync("1", TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_cannot_work_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new VectorStoreNearestNeighborRouter<BattleRecord>(_collection, static record => record.ToBattle(), "m0", "m0", _generator));
        Assert.Throws<ArgumentException>(() => new VectorStoreNearestNeighborRouter<BattleRecord>(_collection, static record => record.ToBattle(), "m0", "m5", _generator, new() { TierCount = 3 }));
        Assert.Throws<ArgumentException>(() => new VectorStoreNearestNeighborRouter<BattleRecord>(_collection, static record => record.ToBattle(), "m0", "m5", _generator, null, new() { DistanceFunction = DistanceFunction.HammingDistance }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorStoreNearestNeighborRouter<BattleRecord>(_collection, static record => record.ToBattle(), "m0", "m5", _generator, null, new() { Top = 0 }));
        Assert.Throws<ArgumentException>(() => new VectorStoreSimilarityWeightedRouter<BattleRecord>(_collection, static record => record.ToBattle(), s_index.FitRatings(), "m0", "gpt-9", _generator));
    }
}
