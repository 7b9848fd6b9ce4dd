namespace RouteLLM.Cli.Tests;

internal static class Indexes
{
    /// <summary>Saves an index of two battles over hashed embeddings.</summary>
    public static string Save(string path)
    {
        var embedder = new HashedTextEmbeddingGenerator(256);
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Embedder = HashedTextEmbeddingGenerator.ModelId });
        var embedding = new float[256];
        foreach ((string prompt, BattleWinner winner) in new[] { ("prove the theorem", BattleWinner.ModelA), ("say hello", BattleWinner.ModelB) })
        {
            embedder.Embed(prompt, embedding);
            builder.Add(new Battle("big", "small", winner, prompt), embedding);
        }

        builder.Save(path);
        return path;
    }
}
