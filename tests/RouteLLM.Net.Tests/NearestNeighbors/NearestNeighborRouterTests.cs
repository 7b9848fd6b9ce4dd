using CsCheck;
using RouteLLM.Tests.Battles;

namespace RouteLLM.Tests.NearestNeighbors;

public class NearestNeighborRouterTests
{
    [Fact]
    public void The_win_probability_is_the_mean_outcome_of_the_nearest_battles_of_the_pair() => Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 60]).Sample(
        (seed, neighbors) =>
        {
            (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(seed, 300, models: 3);
            float[] query = RandomBattles.Vector(new Random(seed), 24);
            double[] outcomes = [.. rows.Where(static row => row.Battle.ModelA != "m1" && row.Battle.ModelB != "m1")
                .OrderByDescending(row => RandomBattles.Cosine(query, row.Embedding)).Take(neighbors).Select(static row => Outcome(row.Battle))];
            Assert.Equal(outcomes.Average(), Router(rows, new() { Neighbors = neighbors }).PredictWinProbability(query), 1e-12);
        },
        iter: 100);

    [Fact]
    public void With_a_temperature_the_nearer_weigh_more()
    {
        (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(3, 300, models: 3);
        float[] query = RandomBattles.Vector(new Random(3), 24);
        (double Similarity, double Outcome)[] nearest = [.. rows.Where(static row => row.Battle.ModelA != "m1" && row.Battle.ModelB != "m1")
            .Select(row => (RandomBattles.Cosine(query, row.Embedding), Outcome(row.Battle))).OrderByDescending(static row => row.Item1).Take(20)];
        foreach (double temperature in new[] { 1e-6, 0.01, 0.1, 1, 1e6 })
        {
            double[] weights = [.. nearest.Select(row => Math.Exp((row.Similarity - nearest[0].Similarity) / temperature))];
            double expected = weights.Zip(nearest, static (weight, row) => weight * row.Outcome).Sum() / weights.Sum();
            Assert.Equal(expected, Router(rows, new() { Neighbors = 20, Temperature = temperature }).PredictWinProbability(query), 1e-9);
        }
    }

    [Fact]
    public void The_order_of_rows_changes_nothing_even_among_equal_prompts() => Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 40]).Sample(
        (seed, neighbors) =>
        {
            // Only eight different embeddings, so that the last neighbour nearly always has equals.
            (Battle Battle, float[] Embedding)[] rows = [.. RandomBattles.Make(seed, 120, models: 3).Select((row, i) => (row.Battle, RandomBattles.Vector(new Random(i & 7), 24)))];
            float[] query = RandomBattles.Vector(new Random(seed), 24);
            var options = new NearestNeighborOptions { Neighbors = neighbors, Temperature = 0.2 };
            double expected = Router(rows, options).PredictWinProbability(query);
            new Random(seed).Shuffle(rows);
            Assert.Equal(expected, Router(rows, options).PredictWinProbability(query), 1e-12);
        },
        iter: 100);

    [Fact]
    public void The_length_of_embeddings_changes_nothing() => Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[-20, 20], Gen.Int[-20, 20]).Sample(
        (seed, rowPower, queryPower) =>
        {
            (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(seed, 200, models: 3);
            float[] query = RandomBattles.Vector(new Random(seed), 24);
            var options = new NearestNeighborOptions { Neighbors = 15, Temperature = 0.3 };
            (Battle, float[])[] scaled = [.. rows.Select(row => (row.Battle, row.Embedding.Select(value => MathF.ScaleB(value, rowPower)).ToArray()))];
            Assert.Equal(Router(rows, options).PredictWinProbability(query), Router(scaled, options).PredictWinProbability([.. query.Select(value => MathF.ScaleB(value, queryPower))]), 1e-12);
        },
        iter: 100);

    [Fact]
    public void Swapping_the_pair_gives_the_opposite_probability()
    {
        (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(8, 200, models: 3);
        using BattleIndex index = RandomBattles.Index(rows);
        float[] query = RandomBattles.Vector(new Random(8), 24);
        double forward = new NearestNeighborRouter(index, "m0", "m2", FakeEmbeddingGenerator.None).PredictWinProbability(query);
        Assert.Equal(1 - forward, new NearestNeighborRouter(index, "m2", "m0", FakeEmbeddingGenerator.None).PredictWinProbability(query), 1e-12);
    }

    [Fact]
    public void Tiers_let_battles_of_models_as_strong_count()
    {
        (Battle, float[])[] rows =
        [
            .. Enumerable.Range(0, 8).SelectMany(static i => new[] { "s1", "s2" }.SelectMany(strong => new[] { "w1", "w2" }.Where(weak => (strong, weak) != ("s1", "w1")).Select(weak => (new Battle(strong, weak, i == 0 ? BattleWinner.ModelB : BattleWinner.ModelA), new float[] { 1, i })))),
        ];
        using BattleIndex index = RandomBattles.Index(rows);
        Assert.Contains("no battle between", Assert.Throws<ArgumentException>(() => new NearestNeighborRouter(index, "s1", "w1", FakeEmbeddingGenerator.None)).Message, StringComparison.Ordinal);
        var router = new NearestNeighborRouter(index, "s1", "w1", FakeEmbeddingGenerator.None, new() { TierCount = 2, Neighbors = 6 });
        Assert.Equal(0.5, router.PredictWinProbability([1, 0]), 1e-12);
        Assert.Contains("tier 0", Assert.Throws<ArgumentException>(() => new NearestNeighborRouter(index, "s1", "s2", FakeEmbeddingGenerator.None, new() { TierCount = 2 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scores_decide_who_won_and_predict_qualities()
    {
        var builder = new BattleIndexBuilder();
        builder.Add("p0", new Dictionary<string, double> { ["s"] = 0.75, ["w"] = 0.25, ["x"] = 1 }, [1, 0]);
        builder.Add("p1", new Dictionary<string, double> { ["s"] = 0.5, ["w"] = 0.5 }, [0.9f, 0.1f]);
        builder.Add("p2", new Dictionary<string, double> { ["s"] = 0 }, [0.95f, 0]);
        builder.Add("p3", new Dictionary<string, double> { ["s"] = 0, ["w"] = 1, ["x"] = 0 }, [0, 1]);
        using BattleIndex index = builder.Build();
        var router = new NearestNeighborRouter(index, "s", "w", new FakeEmbeddingGenerator(static _ => [1, 0]), new() { Neighbors = 2 });

        Assert.Equal(0.75, router.PredictWinProbability([1, 0]), 1e-12);
        Assert.Equal(["s", "w", "x"], router.Models);
        IReadOnlyList<double> qualities = await router.PredictQualitiesAsync(new RouteRequest("p"), TestContext.Current.CancellationToken);

        // For s the nearest two are p0 and p2 (equal to the query both), for w p0 and p1, for x p0 and p3.
        Assert.Equal([0.375, 0.375, 0.5], qualities);
        NearestBattle nearest = (await router.ExplainAsync(new RouteRequest("p"), 1, TestContext.Current.CancellationToken)).Single();
        Assert.Equal(new NearestBattle(new Battle("s", "w", BattleWinner.ModelA, "p0"), 1, 0.5, 0), nearest with { Similarity = Math.Round(nearest.Similarity, 12) });
    }

    [Fact]
    public void Qualities_from_battles_are_the_mean_outcomes_of_each_models_nearest()
    {
        (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(4, 400);
        using BattleIndex index = RandomBattles.Index(rows);
        var predictor = new NearestNeighborQualityPredictor(index, FakeEmbeddingGenerator.None, new() { Neighbors = 15 });
        float[] query = RandomBattles.Vector(new Random(2), 24);
        IReadOnlyList<double> qualities = predictor.PredictQualities(query);
        Assert.All(index.Models, (model, i) =>
        {
            double expected = rows.Where(row => row.Battle.ModelA == model || row.Battle.ModelB == model).OrderByDescending(row => RandomBattles.Cosine(query, row.Embedding)).Take(15)
                .Average(row => row.Battle.Winner == BattleWinner.Tie ? 0.5 : (row.Battle.Winner == BattleWinner.ModelA) == (row.Battle.ModelA == model) ? 1 : 0);
            Assert.Equal(expected, qualities[i], 1e-12);
        });
        Assert.Throws<ArgumentException>(() => predictor.PredictQualities([1]));
    }

    [Fact]
    public void More_neighbours_than_rows_ask_all_rows()
    {
        (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(5, 30, models: 2);
        double all = rows.Average(static row => Outcome(row.Battle, "m0"));
        Assert.Equal(all, new NearestNeighborRouter(RandomBattles.Index(rows), "m0", "m1", FakeEmbeddingGenerator.None, new() { Neighbors = 1000 }).PredictWinProbability(RandomBattles.Vector(new Random(1), 24)), 1e-12);
        Assert.Equal(all, new NearestNeighborRouter(RandomBattles.Index(rows), "m0", "m1", FakeEmbeddingGenerator.None, new() { Neighbors = 3 }).PredictWinProbability(new float[24]), 1e-12);
    }

    [Fact]
    public async Task Explanations_name_the_neighbours_and_no_others()
    {
        (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(6, 200, models: 3);
        float[] query = RandomBattles.Vector(new Random(6), 24);
        var router = new NearestNeighborRouter(RandomBattles.Index(rows), "m0", "m2", new FakeEmbeddingGenerator(_ => query), new() { Neighbors = 3 });
        IReadOnlyList<NearestBattle> nearest = await router.ExplainAsync(new RouteRequest("p"), 10, TestContext.Current.CancellationToken);
        Assert.Equal(3, nearest.Count);
        Assert.All(nearest, battle => Assert.Equal((rows[battle.Row!.Value].Battle, 1.0 / 3), (battle.Battle, battle.Weight)));
        Assert.Equal(1, nearest.Sum(static battle => battle.Weight), 1e-12);
        Assert.True(nearest[0].Similarity >= nearest[1].Similarity && nearest[1].Similarity >= nearest[2].Similarity);
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        using BattleIndex index = RandomBattles.Index(RandomBattles.Make(6, 20));
        foreach (NearestNeighborOptions options in new NearestNeighborOptions[] { new() { Neighbors = 0 }, new() { Temperature = 0 }, new() { Temperature = double.NaN }, new() { TierCount = 0 } })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new NearestNeighborRouter(index, "m0", "m1", FakeEmbeddingGenerator.None, options));
        }
    }

    private static double Outcome(Battle battle, string strong = "m0") => battle.Winner == BattleWinner.Tie ? 0.5 : (battle.Winner == BattleWinner.ModelA) == (battle.ModelA == strong) ? 1 : 0;

    private static NearestNeighborRouter Router((Battle, float[])[] rows, NearestNeighborOptions options) => new(RandomBattles.Index(rows), "m0", "m2", FakeEmbeddingGenerator.None, options);
}
