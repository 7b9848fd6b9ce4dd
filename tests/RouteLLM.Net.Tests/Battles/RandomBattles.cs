namespace RouteLLM.Tests.Battles;

/// <summary>Battles and embeddings from a seed.</summary>
internal static class RandomBattles
{
    public static (Battle Battle, float[] Embedding)[] Make(int seed, int count, int dimensions = 24, int models = 6)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            int a = random.Next(models);
            int b = (a + 1 + random.Next(models - 1)) % models;

            // Lower numbers are stronger.
            bool aWins = random.NextDouble() < 1 / (1 + Math.Exp((a - b) * 0.5));
            BattleWinner winner = random.NextDouble() < 0.2 ? BattleWinner.Tie : aWins ? BattleWinner.ModelA : BattleWinner.ModelB;
            return (new Battle($"m{a}", $"m{b}", winner, $"prompt {i}"), Vector(random, dimensions));
        })];
    }

    public static float[] Vector(Random random, int dimensions) => [.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() - 0.4))];

    public static BattleIndex Index(IEnumerable<(Battle Battle, float[] Embedding)> rows, EmbeddingPrecision precision = EmbeddingPrecision.Full)
    {
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Precision = precision });
        foreach ((Battle battle, float[] embedding) in rows)
        {
            builder.Add(battle, embedding);
        }

        return builder.Build();
    }

    public static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double product = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            product += (double)x[i] * y[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
        }

        return xx == 0 || yy == 0 ? 0 : product / Math.Sqrt(xx * yy);
    }
}
