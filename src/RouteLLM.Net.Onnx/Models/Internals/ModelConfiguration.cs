using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Onnx;

/// <summary>What is read of a model's <c>config.json</c>, as Hugging Face's libraries write it; everything is optional.</summary>
internal sealed class ModelConfiguration
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "config.json";

    private static readonly ModelConfiguration s_none = new();

    /// <summary>Gets the kind of model, such as <c>bert</c> or <c>xlm-roberta</c>.</summary>
    public string? ModelType { get; private init; }

    /// <summary>Gets the names of a classifier's labels in the order of its logits, or <see langword="null"/>.</summary>
    public IReadOnlyList<string>? Labels { get; private init; }

    /// <summary>Gets what a classifier was trained for: <c>regression</c>, <c>single_label_classification</c> or <c>multi_label_classification</c>.</summary>
    public string? ProblemType { get; private init; }

    /// <summary>Gets the id of the padding token.</summary>
    public int? PadTokenId { get; private init; }

    /// <summary>Gets the number of rows of the table of token embeddings.</summary>
    public int? VocabularySize { get; private init; }

    /// <summary>Gets the number of positions there are embeddings for.</summary>
    public int? MaxPositions { get; private init; }

    /// <summary>Gets the ids that end a generated text.</summary>
    public IReadOnlyList<int> EndOfTextIds { get; private init; } = [];

    /// <summary>Gets the longest text, in tokens, that the positions allow.</summary>
    /// <remarks>RoBERTa and its kin count positions from the padding token's id plus 1, so of 514 positions 512 are usable.</remarks>
    public int? MaxTokens => MaxPositions is not { } positions ? null
        : ModelType is not null && (ModelType.Contains("roberta", StringComparison.Ordinal) || ModelType is "camembert" or "longformer" or "mpnet") ? positions - (PadTokenId ?? 1) - 1
        : positions;

    /// <summary>Reads the configuration of a folder; a folder without one gives one that says nothing.</summary>
    /// <exception cref="OnnxModelException">It is damaged.</exception>
    public static ModelConfiguration Load(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return s_none;
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement, path)
                : throw new OnnxModelException("it is JSON, but no object.", path);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException($"it cannot be read as JSON: {e.Message} Copy it again from the original model.", path, e);
        }
    }

    private static ModelConfiguration Read(JsonElement root, string path) => new()
    {
        ModelType = Text(root, "model_type"),
        ProblemType = Text(root, "problem_type"),
        Labels = ReadLabels(root, path),
        PadTokenId = Number(root, "pad_token_id"),
        VocabularySize = Number(root, "vocab_size"),
        MaxPositions = Number(root, "max_position_embeddings") is { } positions and > 0 ? positions : null,
        EndOfTextIds = Numbers(root, "eos_token_id"),
    };

    private static IReadOnlyList<string>? ReadLabels(JsonElement root, string path)
    {
        if (!root.TryGetProperty("id2label", out JsonElement labels) || labels.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var byId = new SortedDictionary<int, string>();
        foreach (JsonProperty label in labels.EnumerateObject())
        {
            if (!int.TryParse(label.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || !byId.TryAdd(id, label.Value.ToString()))
            {
                throw new OnnxModelException($"its id2label has the key '{label.Name}', where numbers from 0, each once, were expected.", path);
            }
        }

        return byId.Keys.SequenceEqual(Enumerable.Range(0, byId.Count))
            ? [.. byId.Values]
            : throw new OnnxModelException($"its id2label numbers the labels {string.Join(", ", byId.Keys)}, where 0 to {byId.Count - 1} were expected.", path);
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;

    private static int[] Numbers(JsonElement root, string name) =>
        !root.TryGetProperty(name, out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out _)).Select(static item => item.GetInt32())]
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? [number]
        : [];
}
