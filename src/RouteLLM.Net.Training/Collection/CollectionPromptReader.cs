using System.IO.Compression;
using System.Text.Json;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Reads prompts to have answered from JSON lines.</summary>
/// <remarks>
/// An object has <c>prompt</c> and optionally <c>id</c> (a hash of the prompt if there is none), <c>reference</c>, <c>source</c> and <c>split</c>; other properties are skipped, so a file of evaluation rows serves as well. Blank lines are skipped.
/// </remarks>
public static class CollectionPromptReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; gzipped if its name ends in <c>.gz</c>.</param>
    /// <returns>The prompts, in the file's order.</returns>
    /// <exception cref="EvaluationDataException">A line is no prompt, or has the id of an earlier one.</exception>
    public static IReadOnlyList<CollectionPrompt> ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using Stream file = File.OpenRead(path);
        using Stream data = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(data);
        return Read(reader, path);
    }

    /// <summary>Reads prompts from text.</summary>
    /// <param name="reader">The text, one JSON object a line.</param>
    /// <param name="name">What to call the text in errors, such as a file's name.</param>
    /// <returns>The prompts, in order.</returns>
    /// <exception cref="EvaluationDataException">A line is no prompt, or has the id of an earlier one.</exception>
    public static IReadOnlyList<CollectionPrompt> Read(TextReader reader, string name)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var prompts = new List<CollectionPrompt>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            CollectionPrompt prompt = Parse(line, name, number);
            if (!lines.TryAdd(prompt.Id, number))
            {
                throw new EvaluationDataException(name, number, $"the id '{prompt.Id}' is that of line {lines[prompt.Id]}; give each prompt an id of its own, or leave out the copy.");
            }

            prompts.Add(prompt);
        }

        return prompts;
    }

    private static CollectionPrompt Parse(string line, string name, int number)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            if (row.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException($"a prompt is a JSON object, not {row.ValueKind}.");
            }

            string? prompt = Text(row, "prompt");
            if (string.IsNullOrWhiteSpace(prompt))
            {
                throw new FormatException("the property \"prompt\" is missing or empty; expected a text.");
            }

            return new CollectionPrompt(Text(row, "id") ?? ChatSettings.Hash(prompt), prompt, Text(row, "reference"), Text(row, "source") ?? "collected", Text(row, "split") ?? "train");
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw new EvaluationDataException(name, number, error.Message, error);
        }
    }

    private static string? Text(JsonElement row, string property) =>
        !row.TryGetProperty(property, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new FormatException($"the property \"{property}\" is {value.ValueKind}; expected a string.");
}
