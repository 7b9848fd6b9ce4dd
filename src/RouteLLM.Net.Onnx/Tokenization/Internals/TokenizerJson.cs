using System.Text.Json;

namespace RouteLLM.Onnx;

/// <summary>A JSON file of a tokenizer, and typed ways to read what is in it.</summary>
internal sealed class TokenizerJson : IDisposable
{
    private readonly JsonDocument _document;

    private TokenizerJson(string path, JsonDocument document)
    {
        Path = path;
        _document = document;
    }

    public string Path { get; }

    public JsonElement Root => _document.RootElement;

    /// <summary>Reads a file of a folder, or gives <see langword="null"/> if it has no such file.</summary>
    /// <exception cref="OnnxModelException">It is no JSON object.</exception>
    public static TokenizerJson? Open(string folder, string name)
    {
        string path = System.IO.Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            JsonDocument document = JsonDocument.Parse(stream);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new TokenizerJson(path, document)
                : throw new OnnxModelException("it is JSON, but no object. Copy it again from the original model.", path);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException($"it cannot be read as JSON: {e.Message} Copy it again from the original model.", path, e);
        }
    }

    public void Dispose() => _document.Dispose();

    /// <summary>Gives a member, or <see langword="null"/> if there is none or it is null.</summary>
    public static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static bool? Flag(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;

    public static int? Number(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) ? number : null;

    public static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    /// <summary>Gives the text of a token, which is written as such or as an object with its <c>content</c>.</summary>
    public static string? TokenText(JsonElement element, string name) =>
        Text(element, name) ?? (Member(element, name) is { } token ? Text(token, "content") : null);
}
