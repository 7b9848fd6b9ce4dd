using System.IO.Compression;
using System.Text.Json;

namespace RouteLLM.Evaluation;

/// <summary>Reads evaluation rows from JSON lines: one object a line, UTF-8, plain or gzipped.</summary>
/// <remarks>
/// A row has <c>id</c>, <c>source</c>, <c>split</c>, <c>prompt</c>, and optionally <c>scores</c> and <c>cost</c> (objects from model name to number),
/// <c>p_strong</c>, <c>lang</c> and <c>category</c>. Properties not named here are skipped, and so are blank lines.
/// </remarks>
public static class EvaluationRowReader
{
    /// <summary>Reads a file row by row.</summary>
    /// <param name="path">The file; gzipped if its name ends in <c>.gz</c>.</param>
    /// <returns>The rows, in the file's order, read as they are enumerated.</returns>
    /// <exception cref="EvaluationDataException">A line is no row.</exception>
    public static IEnumerable<EvaluationRow> ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Iterate(path);

        static IEnumerable<EvaluationRow> Iterate(string path)
        {
            using Stream file = File.OpenRead(path);
            using Stream data = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(data);
            foreach (EvaluationRow row in Read(reader, path))
            {
                yield return row;
            }
        }
    }

    /// <summary>Reads rows from text.</summary>
    /// <param name="reader">The text, one JSON object a line.</param>
    /// <param name="name">What to call the text in errors, such as a file's name.</param>
    /// <returns>The rows, in order, read as they are enumerated.</returns>
    /// <exception cref="EvaluationDataException">A line is no row.</exception>
    public static IEnumerable<EvaluationRow> Read(TextReader reader, string name)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Iterate(reader, name);

        static IEnumerable<EvaluationRow> Iterate(TextReader reader, string name)
        {
            for (int number = 1; reader.ReadLine() is { } line; number++)
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    yield return Parse(line, name, number);
                }
            }
        }
    }

    private static EvaluationRow Parse(string line, string name, int number)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            if (row.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException($"a row is a JSON object, not {row.ValueKind}.");
            }

            return new EvaluationRow
            {
                Id = Text(row, "id"),
                Source = Text(row, "source"),
                Split = Text(row, "split"),
                Prompt = Text(row, "prompt"),
                Scores = Numbers(row, "scores", largest: 1),
                Costs = Numbers(row, "cost", largest: double.MaxValue),
                StrongProbability = row.TryGetProperty("p_strong", out JsonElement p) && p.ValueKind != JsonValueKind.Null ? Number(p, "p_strong", largest: 1) : null,
                Language = OptionalText(row, "lang"),
                Category = OptionalText(row, "category"),
            };
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            throw new EvaluationDataException(name, number, exception.Message, exception);
        }
    }

    private static string Text(JsonElement row, string property) =>
        OptionalText(row, property) ?? throw new FormatException($"the property \"{property}\" is missing; expected a string.");

    private static string? OptionalText(JsonElement row, string property)
    {
        if (!row.TryGetProperty(property, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new FormatException($"the property \"{property}\" is {value.ValueKind}; expected a string.");
    }

    private static Dictionary<string, double> Numbers(JsonElement row, string property, double largest)
    {
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        if (!row.TryGetProperty(property, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return numbers;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"the property \"{property}\" is {value.ValueKind}; expected an object from model name to number.");
        }

        foreach (JsonProperty entry in value.EnumerateObject())
        {
            numbers[entry.Name] = Number(entry.Value, $"{property}.{entry.Name}", largest);
        }

        return numbers;
    }

    private static double Number(JsonElement value, string name, double largest)
    {
        double number = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;
        return number >= 0 && number <= largest
            ? number
            : throw new FormatException($"\"{name}\" is {value.GetRawText()}; expected a number {(largest == 1 ? "in [0, 1]" : "of at least 0")}.");
    }
}
