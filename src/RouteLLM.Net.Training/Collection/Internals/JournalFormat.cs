using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RouteLLM.Training;

/// <summary>Writes and reads lines of the journal: a JSON object each, without line breaks.</summary>
internal static class JournalFormat
{
    // Readable in any language; a journal is no web page.
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Gives a line, with the line feed at its end.</summary>
    public static ReadOnlyMemory<byte> Write(JournalEntry entry, DateTimeOffset time)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", NameOf(entry.Kind));
            writer.WriteString("id", WellFormed(entry.Id));
            writer.WriteString("model", WellFormed(entry.Model));
            WriteOptional(writer, "rival", entry.Rival);
            writer.WriteNumber("sample", entry.Sample);
            if (entry.Kind == JournalKind.Judgement)
            {
                writer.WriteNumber("score", entry.Score);
            }

            WriteOptional(writer, "text", entry.Text);
            WriteOptional(writer, "model_id", entry.ModelId);
            WriteOptional(writer, "finish", entry.FinishReason);
            writer.WriteNumber("calls", entry.Cost.Calls);
            writer.WriteNumber("input_tokens", entry.Cost.InputTokens);
            writer.WriteNumber("output_tokens", entry.Cost.OutputTokens);
            writer.WriteNumber("usd", entry.Cost.Usd);
            writer.WriteNumber("estimated_calls", entry.Cost.EstimatedCalls);
            writer.WriteString("time", time);
            writer.WriteString("key", entry.Key);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is no line of a journal.</exception>
    public static JournalEntry Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            JournalKind kind = Enum.GetValues<JournalKind>().Cast<JournalKind?>().FirstOrDefault(kind => row.GetProperty("kind").ValueEquals(NameOf(kind!.Value)))
                ?? throw new FormatException($"the kind '{row.GetProperty("kind")}' is not known.");
            return new JournalEntry(
                kind,
                Text(row, "key"),
                Text(row, "id"),
                Text(row, "model"),
                row.GetProperty("sample").GetInt32(),
                new CallCost(
                    row.GetProperty("calls").GetInt32(),
                    row.GetProperty("input_tokens").GetInt64(),
                    row.GetProperty("output_tokens").GetInt64(),
                    row.GetProperty("usd").GetDecimal(),
                    row.GetProperty("estimated_calls").GetInt32()))
            {
                Rival = Optional(row, "rival"),
                Text = kind == JournalKind.Judgement ? Optional(row, "text") : Text(row, "text"),
                Score = kind == JournalKind.Judgement ? Score(row.GetProperty("score").GetDouble()) : 0,
                ModelId = Optional(row, "model_id"),
                FinishReason = Optional(row, "finish"),
            };
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(error.Message, error);
        }
    }

    /// <summary>Replaces lone surrogates, which JSON cannot hold, by replacement characters.</summary>
    public static string WellFormed(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            return text;
        }

        var valid = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            valid.Append(rune);
        }

        return valid.ToString();
    }

    private static void WriteOptional(Utf8JsonWriter writer, string property, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(property, WellFormed(value));
        }
    }

    private static string Text(JsonElement row, string property) => row.GetProperty(property).GetString() ?? throw new FormatException($"the property \"{property}\" is null; expected a string.");

    private static string? Optional(JsonElement row, string property) => row.TryGetProperty(property, out JsonElement value) ? value.GetString() : null;

    private static double Score(double score) => score is >= 0 and <= 1 ? score : throw new FormatException($"the score is {score}; expected a number in [0, 1].");

    private static string NameOf(JournalKind kind) => kind switch
    {
        JournalKind.Answer => "answer",
        JournalKind.Judgement => "judgement",
        _ => "failure",
    };
}
