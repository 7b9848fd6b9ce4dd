using System.Text.Json;

namespace RouteLLM.Onnx.Tests;

/// <summary>The reference's numbers for tiny models, which lie beside the tests, and for models that lie beside the repository.</summary>
internal static class Golden
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Folder(string model) => Path.Combine(AppContext.BaseDirectory, "golden", model);

    public static string File(string model, string name) => Path.Combine(Folder(model), name);

    public static IReadOnlyList<ClassifierCase> ClassifierCases(string model) => Read<ClassifierCase>(File(model, "cases.json"));

    public static IReadOnlyList<EmbeddingCase> EmbeddingCases() => Read<EmbeddingCase>(Shared("golden", "minilm", "cases.json"));

    /// <summary>Gives the folder of the sentence-embedding model beside the repository; skips the test where there is none.</summary>
    public static string MiniLm() => Shared("models", "all-minilm-l6-v2-int8");

    public static string Shared(params string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine([folder.FullName, "shared", .. parts]);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"There is no {string.Join('/', ["shared", .. parts])} beside the repository.");
        return "";
    }

    private static List<T> Read<T>(string path) => JsonSerializer.Deserialize<List<T>>(System.IO.File.ReadAllBytes(path), s_json)!;

    internal sealed record ClassifierCase(string Text, int[] Ids, float[] Logits, double WinRate);

    internal sealed record EmbeddingCase(string Text, int[] Ids, float[] Embedding);
}
