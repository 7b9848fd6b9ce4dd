using System.IO.Compression;
using System.Text.Json;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Reads battles or scores from JSON lines.</summary>
internal static class JsonOutcomes
{
    /// <exception cref="EvaluationDataException">A line is neither.</exception>
    public static async Task<List<OutcomeRow>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var rows = new List<OutcomeRow>();
        using Stream file = File.OpenRead(path);
        using Stream data = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(data);
        for (int number = 1; await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                using JsonDocument document = JsonDocument.Parse(line);
                rows.Add(Parse(document.RootElement, number));
            }
            catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
            {
                throw new EvaluationDataException(path, number, exception.Message, exception);
            }
        }

        return rows;
    }

    private static OutcomeRow Parse(JsonElement row, int line)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"a row is a JSON object, not {row.ValueKind}.");
        }

        if (row.TryGetProperty("scores", out JsonElement scores))
        {
            return new OutcomeRow(line, Text(row, "prompt"), null, Scores(scores));
        }

        string modelA = Text(row, "model_a") ?? throw Missing("model_a");
        string modelB = Text(row, "model_b") ?? throw Missing("model_b");
        return row.TryGetProperty("winner_model_a", out JsonElement aWon) && row.TryGetProperty("winner_model_b", out JsonElement bWon)
            ? OutcomeRow.OfArena(line, modelA, modelB, Flag(aWon), Flag(bWon), Turns(row))
            : Text(row, "winner") is { } winner
                ? OutcomeRow.Of(line, modelA, modelB, winner, Text(row, "prompt"))
                : throw new FormatException("there is no \"winner\", no \"winner_model_a\" with \"winner_model_b\", and no \"scores\"; expected one of these.");
    }

    private static FormatException Missing(string property) => new($"the property \"{property}\" is missing; expected a string.");

    private static string? Text(JsonElement row, string property) =>
        !row.TryGetProperty(property, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new FormatException($"the property \"{property}\" is {value.ValueKind}; expected a string.");

    // The list of turns is JSON within a string in the original's files, and a list where they were converted with care.
    private static string? Turns(JsonElement row) => row.TryGetProperty("prompt", out JsonElement prompt) && prompt.ValueKind == JsonValueKind.Array ? prompt.GetRawText() : Text(row, "prompt");

    private static long Flag(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number is 0 or 1
            ? (long)number
            : throw new FormatException($"a winner flag is {value.GetRawText()}; expected 0 or 1.");

    private static Dictionary<string, double> Scores(JsonElement scores)
    {
        if (scores.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"the property \"scores\" is {scores.ValueKind}; expected an object from model name to number.");
        }

        var result = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (JsonProperty score in scores.EnumerateObject())
        {
            result[score.Name] = score.Value.ValueKind == JsonValueKind.Number && score.Value.GetDouble() is >= 0 and <= 1 and var number
                ? number
                : throw new FormatException($"the score of \"{score.Name}\" is {score.Value.GetRawText()}; expected a number in [0, 1].");
        }

        return result.Count > 0 ? result : throw new FormatException("there are no scores; expected at least one.");
    }
}
