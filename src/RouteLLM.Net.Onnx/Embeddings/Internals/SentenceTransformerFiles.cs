using System.Text.Json;

namespace RouteLLM.Onnx;

/// <summary>What sentence-transformers writes beside a model: how to pool, whether to normalise, how long texts may be; everything is optional.</summary>
internal sealed class SentenceTransformerFiles
{
    private const string Modules = "modules.json";
    private const string PoolingFolder = "1_Pooling";
    private const string PoolingMode = "pooling_mode_";

    private static readonly string[] s_lengthFiles =
    [
        "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json", "sentence_albert_config.json", "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
    ];

    /// <summary>Gets how to pool, or <see langword="null"/> if no file says.</summary>
    public EmbeddingPooling? Pooling { get; private init; }

    /// <summary>Gets the way of pooling that a file asks for and that is not known here, or <see langword="null"/>.</summary>
    public string? UnknownPooling { get; private init; }

    /// <summary>Gets whether to normalise, or <see langword="null"/> if no file says.</summary>
    public bool? Normalize { get; private init; }

    /// <summary>Gets the part of the pipeline behind the model that is not known here, such as <c>Dense</c>, or <see langword="null"/>.</summary>
    public string? UnknownModule { get; private init; }

    /// <summary>Gets the longest text in tokens, or <see langword="null"/> if no file says.</summary>
    public int? MaxTokens { get; private init; }

    /// <exception cref="OnnxModelException">A file is damaged.</exception>
    public static SentenceTransformerFiles Load(string folder)
    {
        string[]? modules = Read(Path.Combine(folder, Modules), static root => ModuleNames(root));
        string[]? modes = Read(Path.Combine(folder, PoolingFolder, "config.json"), static root => Modes(root));
        EmbeddingPooling? pooling = modes switch
        {
            ["mean_tokens"] => EmbeddingPooling.Mean,
            ["cls_token"] => EmbeddingPooling.Cls,
            ["lasttoken"] => EmbeddingPooling.LastToken,
            _ => null,
        };
        return new SentenceTransformerFiles
        {
            Pooling = pooling,
            UnknownPooling = modes is { Length: > 0 } && pooling is null ? string.Join(" and ", modes) : null,
            Normalize = modules?.Contains("Normalize"),
            UnknownModule = modules?.FirstOrDefault(static name => name is not ("Transformer" or "Pooling" or "Normalize")),
            MaxTokens = s_lengthFiles.Select(name => Read(Path.Combine(folder, name), static root => Number(root, "max_seq_length"))).FirstOrDefault(static length => length is not null),
        };
    }

    private static string[] ModuleNames(JsonElement root) =>
        [.. root.EnumerateArray().Select(static module => module.GetProperty("type").GetString() ?? "").Select(static type => type[(type.LastIndexOf('.') + 1)..])];

    private static string[] Modes(JsonElement root) =>
        [.. root.EnumerateObject().Where(static mode => mode.Name.StartsWith(PoolingMode, StringComparison.Ordinal) && mode.Value.ValueKind == JsonValueKind.True).Select(static mode => mode.Name[PoolingMode.Length..])];

    private static int? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number > 0 ? number : null;

    private static T? Read<T>(string path, Func<JsonElement, T> read)
    {
        if (!File.Exists(path))
        {
            return default;
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException($"it cannot be read as sentence-transformers writes it: {e.Message} Copy it again from the original model.", path, e);
        }
    }
}
