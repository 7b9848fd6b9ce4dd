using System.Text.Json;

namespace RouteLLM.Tests.SimilarityWeighted;

/// <summary>The reference data of similarity-weighted ranking: 3,000 synthetic battles of 12 models, embeddings, queries, and what RouteLLM's own code makes of them.</summary>
internal static class Golden
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "SimilarityWeighted", "golden", name);

    public static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(PathOf(name))).RootElement;

    public static IReadOnlyList<(string A, string B, string Winner)> Battles { get; } =
        [.. File.ReadLines(PathOf("battles.jsonl")).Select(static line => JsonDocument.Parse(line).RootElement)
            .Select(static battle => (battle.GetProperty("model_a").GetString()!, battle.GetProperty("model_b").GetString()!, battle.GetProperty("winner").GetString()!))];
}
