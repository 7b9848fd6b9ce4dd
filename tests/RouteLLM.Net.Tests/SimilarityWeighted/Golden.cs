using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
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

    public static float[][] Embeddings { get; } = ReadNpy("embeddings.npy");

    public static float[][] Queries { get; } = ReadNpy("queries.npy");

    /// <summary>Makes an index of the battles, their prompts being their numbers.</summary>
    public static BattleIndex Index(EmbeddingPrecision precision = EmbeddingPrecision.Full, IEnumerable<int>? rows = null)
    {
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Precision = precision });
        foreach (int row in rows ?? Enumerable.Range(0, Battles.Count))
        {
            builder.Add(BattleAt(row), Embeddings[row]);
        }

        return builder.Build();
    }

    public static Battle BattleAt(int row)
    {
        (string a, string b, string winner) = Battles[row];
        return new Battle(a, b, winner switch { "model_a" => BattleWinner.ModelA, "model_b" => BattleWinner.ModelB, _ => BattleWinner.Tie }, row.ToString(CultureInfo.InvariantCulture));
    }

    private static float[][] ReadNpy(string name)
    {
        byte[] file = File.ReadAllBytes(PathOf(name));
        int start = 10 + BitConverter.ToUInt16(file, 8);
        string header = Encoding.ASCII.GetString(file, 10, start - 10);
        int columns = int.Parse(header.Split("'shape': (")[1].Split(')')[0].Split(',')[1], CultureInfo.InvariantCulture);
        return [.. MemoryMarshal.Cast<byte, float>(file.AsSpan(start)).ToArray().Chunk(columns)];
    }
}
