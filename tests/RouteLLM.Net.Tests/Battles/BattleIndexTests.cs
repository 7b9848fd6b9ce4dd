using System.Globalization;

namespace RouteLLM.Tests.Battles;

public sealed class BattleIndexTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("routellm-index-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(EmbeddingPrecision.Full, 1e-12)]
    [InlineData(EmbeddingPrecision.Half, 5e-4)]
    [InlineData(EmbeddingPrecision.Byte, 5e-3)]
    public void Similarities_are_cosines_within_the_stated_error_whatever_the_number_of_dimensions(EmbeddingPrecision precision, double tolerance)
    {
        foreach (int dimensions in new[] { 1, 2, 7, 31, 32, 33, 63, 64, 65, 100, 128, 384, 1536, 2049, 5000 })
        {
            (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(dimensions, 12, dimensions);
            using BattleIndex index = RandomBattles.Index(rows, precision);
            float[] query = RandomBattles.Vector(new Random(1), dimensions);
            double[] similarities = new double[index.Count];
            index.ComputeSimilarities(query, similarities);
            Assert.All(rows, (row, i) => Assert.Equal(RandomBattles.Cosine(query, row.Embedding), similarities[i], tolerance));
        }
    }

    [Fact]
    public void Halves_of_many_dimensions_are_closer_still()
    {
        (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(3, 200, 256);
        using BattleIndex index = RandomBattles.Index(rows, EmbeddingPrecision.Half);
        float[] query = RandomBattles.Vector(new Random(1), 256);
        double[] similarities = new double[index.Count];
        index.ComputeSimilarities(query, similarities);
        Assert.All(rows, (row, i) => Assert.Equal(RandomBattles.Cosine(query, row.Embedding), similarities[i], 5e-5));
    }

    [Fact]
    public void Byte_products_do_not_overflow_where_every_element_is_the_largest()
    {
        const int Dimensions = 20_000;
        float[] same = [.. Enumerable.Repeat(0.3f, Dimensions)];
        using BattleIndex index = RandomBattles.Index([(new Battle("a", "b", BattleWinner.Tie), same)], EmbeddingPrecision.Byte);
        double[] similarities = new double[1];
        index.ComputeSimilarities(same, similarities);
        Assert.Equal(1, similarities[0], 1e-9);
        index.ComputeSimilarities([.. same.Select(static value => -value)], similarities);
        Assert.Equal(-1, similarities[0], 1e-9);
    }

    [Theory]
    [InlineData(EmbeddingPrecision.Full)]
    [InlineData(EmbeddingPrecision.Half)]
    [InlineData(EmbeddingPrecision.Byte)]
    public void Embeddings_of_any_magnitude_keep_their_direction(EmbeddingPrecision precision)
    {
        foreach (float magnitude in new[] { 1e-30f, 1e-6f, 1, 1e6f, 1e30f })
        {
            float[] row = [3 * magnitude, 4 * magnitude, 0];
            using BattleIndex index = RandomBattles.Index([(new Battle("a", "b", BattleWinner.Tie), row)], precision);
            double[] similarities = new double[1];
            index.ComputeSimilarities([3e-20f, -4e-20f, 1e-20f], similarities);
            Assert.Equal(RandomBattles.Cosine(row, [3, -4, 1]), similarities[0], 5e-3);
            float[] copy = new float[3];
            index.CopyEmbedding(0, copy);
            Assert.All(row, (value, i) => Assert.Equal(value / magnitude, copy[i] / magnitude, 0.02));
        }
    }

    [Theory]
    [InlineData(EmbeddingPrecision.Full)]
    [InlineData(EmbeddingPrecision.Half)]
    [InlineData(EmbeddingPrecision.Byte)]
    public void A_zero_vector_is_similar_to_nothing(EmbeddingPrecision precision)
    {
        using BattleIndex index = RandomBattles.Index([(new Battle("a", "b", BattleWinner.Tie), [0, 0]), (new Battle("a", "b", BattleWinner.Tie), [1, 2])], precision);
        double[] similarities = new double[2];
        index.ComputeSimilarities([1, 2], similarities);
        Assert.Equal(0, similarities[0]);
        Assert.Equal(1, similarities[1], 1e-3);
        index.ComputeSimilarities([0, 0], similarities);
        Assert.Equal([0, 0], similarities);
    }

    [Theory]
    [InlineData(EmbeddingPrecision.Full)]
    [InlineData(EmbeddingPrecision.Half)]
    [InlineData(EmbeddingPrecision.Byte)]
    public void A_saved_index_opens_with_all_it_was_given(EmbeddingPrecision precision)
    {
        string path = Path.Combine(_directory, "battles.safetensors");
        (Battle Battle, float[] Embedding)[] rows = [.. RandomBattles.Make(5, 40, 12), (new Battle("m0", "größer", BattleWinner.ModelA, "Wer? 🙂\n"), new float[12]), (new Battle("m0", "m1", BattleWinner.Tie), new float[12])];
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Precision = precision, Embedder = "some-embedder", Provenance = { ["source"] = "made up" } });
        foreach ((Battle battle, float[] embedding) in rows)
        {
            builder.Add(battle, embedding);
        }

        builder.Save(path);
        using BattleIndex index = BattleIndex.Open(path);

        Assert.Equal((42, 12, precision, "some-embedder", path), (index.Count, index.Dimensions, index.Precision, index.Embedder, index.Name));
        Assert.Equal("made up", index.Metadata["source"]);
        Assert.True(index.HasPrompts);
        Assert.False(index.HasScores);
        Assert.Equal(64, index.Fingerprint!.Length);
        Assert.All(rows[..41], (row, i) => Assert.Equal(row.Battle, index.GetBattle(i)));
        Assert.Equal("", index.GetPrompt(41));
        Assert.Equal(rows.SelectMany(static row => new[] { row.Battle.ModelA, row.Battle.ModelB }).Distinct(), index.Models);
        Assert.Equal(builder.ToArray(), File.ReadAllBytes(path));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.GetBattle(42));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.GetPrompt(-1));
    }

    [Fact]
    public void Scores_come_back_with_gaps_where_there_were_gaps()
    {
        var builder = new BattleIndexBuilder(new BattleIndexOptions { KeepPrompts = false });
        builder.Add("not kept", new Dictionary<string, double> { ["a"] = 0.25 }, [1, 0]);
        builder.Add(null, new Dictionary<string, double> { ["b"] = 1, ["a"] = 0 }, [0, 1]);
        using BattleIndex index = builder.Build();

        Assert.True(index.HasScores);
        Assert.False(index.HasPrompts);
        Assert.Null(index.GetPrompt(0));
        Assert.Equal(new Dictionary<string, double> { ["a"] = 0.25 }, index.GetScores(0));
        Assert.Equal(new Dictionary<string, double> { ["a"] = 0, ["b"] = 1 }, index.GetScores(1));
        Assert.Contains("scores", Assert.Throws<InvalidOperationException>(() => index.GetBattle(0)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => index.FitRatings());
    }

    [Fact]
    public void The_fingerprint_follows_what_the_index_holds()
    {
        (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(5, 10);
        string first = RandomBattles.Index(rows).Fingerprint!;
        Assert.Equal(first, RandomBattles.Index(rows).Fingerprint);
        Assert.NotEqual(first, RandomBattles.Index(rows[1..]).Fingerprint);
        rows[3].Battle = rows[3].Battle with { Winner = rows[3].Battle.Winner == BattleWinner.Tie ? BattleWinner.ModelA : BattleWinner.Tie };
        Assert.NotEqual(first, RandomBattles.Index(rows).Fingerprint);
    }

    [Fact]
    public void The_builder_refuses_rows_that_say_nothing_or_do_not_fit()
    {
        var builder = new BattleIndexBuilder();
        var battle = new Battle("a", "b", BattleWinner.ModelA);
        Assert.Throws<InvalidOperationException>(builder.Build);
        Assert.Throws<ArgumentException>(() => builder.Add(new Battle("a", "a", BattleWinner.Tie), [1]));
        Assert.Throws<ArgumentException>(() => builder.Add(new Battle("a", "", BattleWinner.Tie), [1]));
        Assert.Throws<ArgumentException>(() => builder.Add(battle with { Winner = (BattleWinner)7 }, [1]));
        Assert.Throws<ArgumentException>(() => builder.Add(battle, []));
        Assert.Throws<ArgumentException>(() => builder.Add(battle, [1, float.NaN]));
        Assert.Throws<ArgumentException>(() => builder.Add(battle, [1, float.PositiveInfinity]));
        Assert.Equal(0, builder.Count);
        builder.Add(battle, [1, 2]);
        Assert.Contains("2", Assert.Throws<ArgumentException>(() => builder.Add(battle, [1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => builder.Add(null, new Dictionary<string, double> { ["a"] = 1 }, [1, 2]));

        var scores = new BattleIndexBuilder();
        Assert.Throws<ArgumentException>(() => scores.Add(null, new Dictionary<string, double>(), [1, 2]));
        Assert.Throws<ArgumentException>(() => scores.Add(null, new Dictionary<string, double> { ["a"] = 1.1 }, [1, 2]));
        Assert.Throws<ArgumentException>(() => scores.Add(null, new Dictionary<string, double> { ["a"] = double.NaN }, [1, 2]));
        scores.Add(null, new Dictionary<string, double> { ["a"] = 1 }, [1, 2]);
        Assert.Throws<InvalidOperationException>(() => scores.Add(battle, [1, 2]));
        Assert.Throws<ArgumentException>(() => new BattleIndexBuilder(new BattleIndexOptions { Provenance = { ["kind"] = "mine" } }));
    }

    [Fact]
    public void A_query_of_the_wrong_size_or_that_is_not_finite_is_refused()
    {
        using BattleIndex index = RandomBattles.Index(RandomBattles.Make(1, 5, 3));
        double[] similarities = new double[5];
        Assert.Contains("2 dimensions", Assert.Throws<ArgumentException>(() => index.ComputeSimilarities([1, 2], similarities)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => index.ComputeSimilarities([1, 2, float.NaN], similarities));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.ComputeSimilarities([1, 2, 3], new double[4]));
    }

    [Fact]
    public async Task An_index_closed_during_searches_lets_them_finish_and_refuses_later_ones()
    {
        string path = Path.Combine(_directory, "battles.safetensors");
        var builder = new BattleIndexBuilder();
        foreach ((Battle battle, float[] embedding) in RandomBattles.Make(1, 3000, 512))
        {
            builder.Add(battle, embedding);
        }

        builder.Save(path);
        for (int round = 0; round < 10; round++)
        {
            BattleIndex index = BattleIndex.Open(path);
            float[] query = RandomBattles.Vector(new Random(round), 512);
            double[] expected = new double[index.Count];
            index.ComputeSimilarities(query, expected);
            Task<int>[] searches = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(
                () =>
                {
                    double[] similarities = new double[expected.Length];
                    for (int finished = 0; ; finished++)
                    {
                        try
                        {
                            index.ComputeSimilarities(query, similarities);
                        }
                        catch (ObjectDisposedException)
                        {
                            return finished;
                        }

                        Assert.Equal(expected, similarities);
                    }
                }, TestContext.Current.CancellationToken))];
            await Task.Yield();
            index.Dispose();
            await Task.WhenAll(searches);
            Assert.Throws<ObjectDisposedException>(() => index.GetBattle(0));
        }
    }

    [Fact]
    public void Searches_at_once_do_not_disturb_each_other()
    {
        (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(9, 2000, 200);
        using BattleIndex index = RandomBattles.Index(rows, EmbeddingPrecision.Half);
        float[][] queries = [.. Enumerable.Range(0, 24).Select(seed => RandomBattles.Vector(new Random(seed), 200))];
        double[][] expected = [.. queries.Select(query => Similarities(index, query))];
        Parallel.For(0, 200, i => Assert.Equal(expected[i % 24], Similarities(index, queries[i % 24])));

        static double[] Similarities(BattleIndex index, float[] query)
        {
            double[] similarities = new double[index.Count];
            index.ComputeSimilarities(query, similarities);
            return similarities;
        }
    }

    [Fact]
    public void A_search_allocates_next_to_nothing()
    {
        using BattleIndex index = RandomBattles.Index(RandomBattles.Make(9, 20_000, 64));
        var router = new NearestNeighborRouter(index, "m0", "m1", FakeEmbeddingGenerator.None);
        float[] query = RandomBattles.Vector(new Random(1), 64);
        router.PredictWinProbability(query);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            router.PredictWinProbability(query);
        }

        // The similarities alone are 160 KB.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 20, 0, 4096);
    }

    [Fact]
    public void Ratings_of_an_index_are_those_of_its_battles()
    {
        (Battle Battle, float[] Embedding)[] rows = RandomBattles.Make(2, 300);
        using BattleIndex index = RandomBattles.Index(rows);
        IReadOnlyDictionary<string, double> expected = BattleRatings.Fit(rows.Select(static row => row.Battle));
        Assert.All(expected, rating => Assert.Equal(rating.Value, index.FitRatings()[rating.Key], 1e-9));
        Assert.Equal(1000, expected.Values.Average(), 1e-9);
        Assert.Equal(expected.OrderByDescending(static rating => rating.Value).First().Key, $"m{0.ToString(CultureInfo.InvariantCulture)}");
    }
}
