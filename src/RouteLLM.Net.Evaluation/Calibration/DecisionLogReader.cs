using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Evaluation;

/// <summary>Reads decision logs: JSON lines, one decision each.</summary>
/// <remarks>
/// Read are <c>win_probability</c> (or <c>score</c>), <c>time</c> (or <c>timestamp</c>; ISO 8601), <c>route</c>, <c>cost</c> (or <c>cost_usd</c>), <c>input_tokens</c>, <c>output_tokens</c>, <c>cached_input_tokens</c> and <c>fingerprint</c>, all optional, whatever the case of
/// their letters and with or without underscores; other properties and blank lines are skipped. A last line that is cut short, as in a log that is being written to, is left out.
/// </remarks>
public static class DecisionLogReader
{
    /// <summary>Reads a log line by line.</summary>
    /// <param name="path">The file; unpacked if its name ends in <c>.gz</c>.</param>
    /// <param name="groupBy">The name of the property whose value is the request's group, such as <c>tenant</c>, or <see langword="null"/>.</param>
    /// <returns>The decisions, in the file's order, read as they are enumerated.</returns>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="EvaluationDataException">A line is no decision.</exception>
    public static IEnumerable<DecisionLogEntry> ReadFile(string path, string? groupBy = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadOpened();

        IEnumerable<DecisionLogEntry> ReadOpened()
        {
            using StreamReader reader = EvaluationRowReader.OpenText(path);
            foreach (DecisionLogEntry entry in Read(reader, path, groupBy))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Reads a log from text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">What to call the text in errors, such as a file's name.</param>
    /// <param name="groupBy">The name of the property whose value is the request's group, or <see langword="null"/>.</param>
    /// <returns>The decisions, in order, read as they are enumerated.</returns>
    /// <exception cref="EvaluationDataException">A line is no decision.</exception>
    public static IEnumerable<DecisionLogEntry> Read(TextReader reader, string name, string? groupBy = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return ReadLines(reader, name, groupBy is null ? null : Plain(groupBy));
    }

    private static IEnumerable<DecisionLogEntry> ReadLines(TextReader reader, string name, string? groupBy)
    {
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line) && Parse(line, name, number, groupBy, isLast: reader.Peek() < 0) is { } entry)
            {
                yield return entry;
            }
        }
    }

    private static DecisionLogEntry? Parse(string line, string name, int number, string? groupBy, bool isLast)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Parse(document.RootElement, groupBy)
                : throw new FormatException($"a decision is a JSON object, not {document.RootElement.ValueKind}.");
        }
        catch (JsonException) when (isLast)
        {
            return null;
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw new EvaluationDataException(name, number, error.Message, error);
        }
    }

    private static DecisionLogEntry Parse(JsonElement line, string? groupBy)
    {
        var entry = new DecisionLogEntry();
        TokenUsage tokens = default;
        bool hasTokens = false;
        foreach (JsonProperty property in line.EnumerateObject())
        {
            string plain = Plain(property.Name);
            if (plain == groupBy)
            {
                entry = entry with { Group = property.Value.ValueKind switch { JsonValueKind.String => property.Value.GetString(), JsonValueKind.Null => null, _ => property.Value.GetRawText() } };
            }

            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            switch (plain)
            {
                case "winprobability" or "score":
                    entry = entry with { WinProbability = Number(property, 1) };
                    break;
                case "time" or "timestamp":
                    entry = entry with { Time = Time(property) };
                    break;
                case "route":
                    entry = entry with { Route = Text(property) };
                    break;
                case "fingerprint":
                    entry = entry with { Fingerprint = Text(property) };
                    break;
                case "cost" or "costusd":
                    entry = entry with { Cost = Number(property, double.MaxValue) };
                    break;
                case "inputtokens":
                    (tokens, hasTokens) = (tokens with { Input = Count(property) }, true);
                    break;
                case "outputtokens":
                    (tokens, hasTokens) = (tokens with { Output = Count(property) }, true);
                    break;
                case "cachedinputtokens":
                    tokens = tokens with { CachedInput = Count(property) };
                    break;
            }
        }

        return hasTokens ? entry with { Tokens = tokens } : entry;
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string? Text(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : throw Wrong(property, "a text");

    private static DateTimeOffset Time(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.String
        && DateTimeOffset.TryParse(property.Value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time : throw Wrong(property, "a time such as 2026-01-31T12:00:00Z");

    private static double Number(JsonProperty property, double most) =>
        property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetDouble(out double value) && value >= 0 && value <= most
            ? value : throw Wrong(property, most == 1 ? "a number in [0, 1]" : "a number of at least 0");

    private static long Count(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetInt64(out long value) && value >= 0 ? value : throw Wrong(property, "a whole number of at least 0");

    private static FormatException Wrong(JsonProperty property, string expected) => new($"the property \"{property.Name}\" is {property.Value.GetRawText()}; {expected} is expected.");
}
