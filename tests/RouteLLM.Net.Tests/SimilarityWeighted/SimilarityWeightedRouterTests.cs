using System.Globalization;
using CsCheck;
using RouteLLM.Tests.Battles;

namespace RouteLLM.Tests.SimilarityWeighted;

public class SimilarityWeightedRouterTests
{
    private static readonly SimilarityWeightedOptions s_mean = new() { Method = SimilarityWeightedMethod.MeanOutcome };

    public static TheoryData<SimilarityWeightedMethod> Methods => [SimilarityWeightedMethod.BradleyTerry, SimilarityWeightedMethod.MeanOutcome];

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_order_of_battles_changes_nothing(SimilarityWeightedMethod method) => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(seed, 200);
            float[] query = RandomBattles.Vector(new Random(seed), 24);
            double expected = Predict(rows, query, method);
            new Random(seed).Shuffle(rows);
            Assert.Equal(expected, Predict(rows, query, method), 1e-12);
        },
        iter: 100);

    [Theory]
    [MemberData(nameof(Methods))]
    public void Which_model_of_a_battle_is_listed_first_changes_nothing_where_battles_within_tiers_are_left_out(SimilarityWeightedMethod method) => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(seed, 200);
            (Battle Battle, float[] Embedding)[] turned = [.. rows.Select(static row => (new Battle(row.Battle.ModelB, row.Battle.ModelA, row.Battle.Winner switch
            {
                BattleWinner.ModelA => BattleWinner.ModelB,
                BattleWinner.ModelB => BattleWinner.ModelA,
                _ => BattleWinner.Tie,
            }), row.Embedding))];
            float[] query = RandomBattles.Vector(new Random(seed), 24);
            var options = new SimilarityWeightedOptions { Method = method, IncludeBattlesWithinTier = false };
            Assert.Equal(Router(rows, options).PredictWinProbability(query), Router(turned, options).PredictWinProbability(query), 1e-12);
        },
        iter: 100);

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_length_of_embeddings_changes_nothing(SimilarityWeightedMethod method) => Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[-20, 20], Gen.Int[-20, 20]).Sample(
        (seed, rowPower, queryPower) =>
        {
            (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(seed, 200);
            float[] query = RandomBattles.Vector(new Random(seed), 24);
            double expected = Predict(rows, query, method);
            (Battle Battle, float[] Embedding)[] scaled = [.. rows.Select(row => (row.Battle, Scale(row.Embedding, MathF.ScaleB(1, rowPower))))];
            Assert.Equal(expected, Predict(scaled, Scale(query, MathF.ScaleB(1, queryPower)), method), 1e-13);

            // Other factors round each element to a float anew.
            Assert.Equal(expected, Predict([.. rows.Select(static row => (row.Battle, Scale(row.Embedding, 3.3f)))], Scale(query, 0.7f), method), 1e-6);
        },
        iter: 100);

    [Theory]
    [MemberData(nameof(Methods))]
    public void Swapping_the_pair_gives_the_opposite_probability(SimilarityWeightedMethod method) => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(seed, 200);
            float[] query = RandomBattles.Vector(new Random(seed), 24);
            Assert.Equal(1 - Predict(rows, query, method, "m0", "m3"), Predict(rows, query, method, "m3", "m0"), 1e-12);
        },
        iter: 100);

    [Fact]
    public void Battles_won_by_the_strong_model_near_the_query_raise_the_weighted_mean() => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            var random = new Random(seed);
            (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(seed, 100, models: 2);
            float[] query = RandomBattles.Vector(random, 24);
            double before = Predict(rows, query, SimilarityWeightedMethod.MeanOutcome, "m0", "m1");
            double won = Predict([.. rows, (new Battle("m1", "m0", BattleWinner.ModelB), query)], query, SimilarityWeightedMethod.MeanOutcome, "m0", "m1");
            double lost = Predict([.. rows, (new Battle("m0", "m1", BattleWinner.ModelB), query)], query, SimilarityWeightedMethod.MeanOutcome, "m0", "m1");
            Assert.True(lost < before && before < won, $"{lost} {before} {won}");
        },
        iter: 100);

    [Fact]
    public void The_weighted_mean_is_the_sum_of_similarity_times_outcome_over_the_sum_of_similarity()
    {
        (Battle, float[])[] rows =
        [
            (new("s", "w", BattleWinner.ModelA), [1, 0]), (new("w", "s", BattleWinner.ModelA), [0.6f, 0.8f]), (new("w", "s", BattleWinner.Tie), [0.8f, 0.6f]), (new("s", "w", BattleWinner.ModelB), [-1, 0]),
        ];
        using BattleIndex index = RandomBattles.Index(rows);
        var router = new SimilarityWeightedRouter(index, "s", "w", FakeEmbeddingGenerator.None, s_mean);
        Assert.Equal((1 + (0.8 * 0.5)) / (1 + 0.6 + 0.8), router.PredictWinProbability([2, 0]), 1e-7);
    }

    [Theory]
    [InlineData(EmbeddingPrecision.Half, 2e-4)]
    [InlineData(EmbeddingPrecision.Byte, 2e-3)]
    public void Fewer_bits_change_win_rates_little(EmbeddingPrecision precision, double tolerance)
    {
        using BattleIndex full = Golden.Index();
        using BattleIndex small = Golden.Index(precision);
        foreach (SimilarityWeightedMethod method in Enum.GetValues<SimilarityWeightedMethod>())
        {
            var options = new SimilarityWeightedOptions { Method = method };
            var expected = new SimilarityWeightedRouter(full, "gpt-4-1106-preview", "mixtral-8x7b-instruct-v0.1", FakeEmbeddingGenerator.None, options);
            var actual = new SimilarityWeightedRouter(small, "gpt-4-1106-preview", "mixtral-8x7b-instruct-v0.1", FakeEmbeddingGenerator.None, options);
            Assert.All(Golden.Queries, query => Assert.Equal(expected.PredictWinProbability(query), actual.PredictWinProbability(query), tolerance));
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_query_that_nothing_resembles_is_answered_by_all_battles_alike(SimilarityWeightedMethod method)
    {
        (Battle Battle, float[] Embedding)[] rows = [.. RandomBattles.Make(4, 300).Select(static row => (row.Battle, row.Embedding.Select(Math.Abs).ToArray()))];
        SimilarityWeightedRouter router = Router(rows, new() { Method = method });
        double zero = router.PredictWinProbability(new float[24]);
        double opposite = router.PredictWinProbability([.. Enumerable.Repeat(-1f, 24)]);
        Assert.Equal(zero, opposite, 1e-12);

        // The same as where all battles are of one prompt.
        double alike = Predict([.. rows.Select(static row => (row.Battle, new float[] { 1, 0 }))], [1, 0], method);
        Assert.Equal(alike, zero, 1e-9);
        Assert.InRange(zero, 0.5, 0.999);
    }

    [Fact]
    public void One_class_of_outcomes_gives_a_probability_near_its_end()
    {
        foreach ((BattleWinner winner, double low, double high) in new[] { (BattleWinner.ModelA, 0.999, 1.0), (BattleWinner.ModelB, 0.0, 0.001), (BattleWinner.Tie, 0.5, 0.5) })
        {
            (Battle, float[])[] rows = [(new("s", "w", winner), [1, 0]), (new("s", "w", winner), [0, 1])];
            Assert.InRange(Predict(rows, [1, 1], SimilarityWeightedMethod.BradleyTerry, "s", "w"), low, high);
            Assert.InRange(Predict(rows, [1, 1], SimilarityWeightedMethod.MeanOutcome, "s", "w"), low, high);
        }
    }

    [Fact]
    public void Models_that_no_chain_of_battles_connects_are_as_likely_to_win_as_to_lose()
    {
        (Battle, float[])[] rows = [(new("a", "b", BattleWinner.Tie), [1, 0]), (new("c", "d", BattleWinner.Tie), [0, 1])];
        using BattleIndex index = RandomBattles.Index(rows);
        Assert.Equal(0.5, new SimilarityWeightedRouter(index, "a", "c", FakeEmbeddingGenerator.None).PredictWinProbability([1, 0]), 1e-9);
    }

    [Fact]
    public void Two_models_of_one_tier_get_one_half_and_have_no_weighted_mean()
    {
        using BattleIndex index = RandomBattles.Index(RandomBattles.Make(1, 200));
        Assert.Equal(0.5, new SimilarityWeightedRouter(index, "m0", "m5", FakeEmbeddingGenerator.None, new() { TierCount = 1 }).PredictWinProbability(RandomBattles.Vector(new Random(1), 24)));
        Assert.Contains("tier 0", Assert.Throws<ArgumentException>(() => new SimilarityWeightedRouter(index, "m0", "m5", FakeEmbeddingGenerator.None, new() { TierCount = 1, Method = SimilarityWeightedMethod.MeanOutcome })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_routed_is_refused_with_the_reason()
    {
        using BattleIndex index = RandomBattles.Index(RandomBattles.Make(1, 50));
        Assert.Contains("m0", Assert.Throws<ArgumentException>(() => new SimilarityWeightedRouter(index, "m0", "gpt-9", FakeEmbeddingGenerator.None)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SimilarityWeightedRouter(index, "m0", "m0", FakeEmbeddingGenerator.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimilarityWeightedRouter(index, "m0", "m1", FakeEmbeddingGenerator.None, new() { TierCount = 0 }));
        Assert.Throws<ArgumentException>(() => new SimilarityWeightedRouter(index, "m0", "m1", FakeEmbeddingGenerator.None).PredictWinProbability([1, 2]));
        Assert.Throws<ArgumentException>(() => new SimilarityWeightedRouter(index, "m0", "m1", FakeEmbeddingGenerator.None).PredictWinProbability([.. Enumerable.Repeat(float.NaN, 24)]));

        var scores = new BattleIndexBuilder();
        scores.Add(null, new Dictionary<string, double> { ["s"] = 1, ["w"] = 0.5 }, [1, 0]);
        using BattleIndex scored = scores.Build();
        Assert.Contains("MeanOutcome", Assert.Throws<ArgumentException>(() => new SimilarityWeightedRouter(scored, "s", "w", FakeEmbeddingGenerator.None)).Message, StringComparison.Ordinal);
        Assert.Equal(1, new SimilarityWeightedRouter(scored, "s", "w", FakeEmbeddingGenerator.None, s_mean).PredictWinProbability([1, 0]));
    }

    [Fact]
    public void An_index_is_refused_with_another_embedder()
    {
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Embedder = "text-embedding-3-small" });
        builder.Add(new Battle("s", "w", BattleWinner.ModelA), [1, 0]);
        using BattleIndex index = builder.Build();
        var other = new FakeEmbeddingGenerator(static _ => [1, 0], "all-minilm");
        Assert.Contains("all-minilm", Assert.Throws<ArgumentException>(() => new SimilarityWeightedRouter(index, "s", "w", other)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new NearestNeighborRouter(index, "s", "w", other));
        Assert.Throws<ArgumentException>(() => new NearestNeighborQualityPredictor(index, other));
        Assert.NotNull(new SimilarityWeightedRouter(index, "s", "w", new FakeEmbeddingGenerator(static _ => [1, 0], "text-embedding-3-small")));
    }

    [Fact]
    public async Task Explanations_name_the_nearest_battles_and_their_share()
    {
        using BattleIndex index = Golden.Index();
        var generator = new FakeEmbeddingGenerator(static _ => Golden.Queries[3]);
        IRouter router = new SimilarityWeightedRouter(index, "gpt-4-1106-preview", "mixtral-8x7b-instruct-v0.1", generator);
        IReadOnlyList<NearestBattle> nearest = await router.GetService<INearestBattleExplainer>()!.ExplainAsync(new RouteRequest("why?"), 4, TestContext.Current.CancellationToken);

        int[] expected = [.. Enumerable.Range(0, Golden.Battles.Count).OrderByDescending(static row => RandomBattles.Cosine(Golden.Queries[3], Golden.Embeddings[row])).Take(4)];
        Assert.Equal(expected, nearest.Select(static battle => battle.Row!.Value));
        Assert.All(nearest, static battle => Assert.Equal(Golden.BattleAt(battle.Row!.Value), battle.Battle));
        double[] weights = [.. Golden.Embeddings.Select(static row => RandomBattles.Cosine(Golden.Queries[3], row))];
        double largest = weights.Max(), total = weights.Sum(similarity => Math.Pow(10, similarity / largest));
        Assert.All(nearest, battle => Assert.Equal(Math.Pow(10, battle.Similarity / largest) / total, battle.Weight, 1e-12));
        Assert.Same(index, router.GetService<BattleIndex>());
        Assert.Equal((index.Fingerprint, "sw_ranking"), (router.GetService<RouterMetadata>()!.Fingerprint, router.GetService<RouterMetadata>()!.Name));
    }

    [Fact]
    public async Task A_batch_is_embedded_at_once_and_scored_in_order()
    {
        using BattleIndex index = Golden.Index();
        var generator = new FakeEmbeddingGenerator(static text => Golden.Queries[int.Parse(text, CultureInfo.InvariantCulture)]);
        var router = new SimilarityWeightedRouter(index, "gpt-4-1106-preview", "mixtral-8x7b-instruct-v0.1", generator);
        IReadOnlyList<double> batch = await router.PredictWinProbabilitiesAsync(Enumerable.Range(0, 30).Select(static i => i.ToString(CultureInfo.InvariantCulture)), TestContext.Current.CancellationToken);
        Assert.Equal(1, generator.Calls);
        Assert.Equal(Golden.Queries.Select(query => router.PredictWinProbability(query)), batch);
    }

    private static float[] Scale(float[] vector, float factor) => [.. vector.Select(value => value * factor)];

    private static double Predict((Battle, float[])[] rows, float[] query, SimilarityWeightedMethod method, string strong = "m0", string weak = "m5") =>
        Router(rows, new() { Method = method }, strong, weak).PredictWinProbability(query);

    private static SimilarityWeightedRouter Router((Battle, float[])[] rows, SimilarityWeightedOptions options, string strong = "m0", string weak = "m5") =>
        new(RandomBattles.Index(rows), strong, weak, FakeEmbeddingGenerator.None, options);
}
