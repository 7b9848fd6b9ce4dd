using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace RouteLLM.Training;

/// <summary>Finds the verdict in what a judge wrote.</summary>
/// <remarks>
/// Structured output is one JSON object. Models without it put it into a code fence or after some words; such an object is found too. If there are several that say different things, one of them may be quoted from an answer, and nothing is believed.
/// </remarks>
internal static class JudgeReply
{
    private const int MaxLength = 100_000;

    private static readonly JsonReaderOptions s_options = new() { AllowMultipleValues = true };
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads the verdict.</summary>
    /// <param name="text">What the judge wrote.</param>
    /// <param name="property">The property that holds the verdict.</param>
    /// <param name="parse">Reads the property's value; <see langword="null"/> if it is no verdict.</param>
    /// <param name="verdict">The verdict.</param>
    /// <param name="fault">What is wrong, without quoting anything.</param>
    public static bool TryRead(string text, string property, Func<JsonElement, double?> parse, out double verdict, [NotNullWhen(false)] out string? fault)
    {
        verdict = double.NaN;
        if (text.Length > MaxLength)
        {
            fault = $"it wrote {text.Length} characters";
            return false;
        }

        List<double?> verdicts = [];
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        for (int start; (start = rest.IndexOf((byte)'{')) >= 0;)
        {
            rest = rest[start..];
            rest = rest[TryReadObject(rest, property, parse, verdicts)..];
        }

        double?[] different = [.. verdicts.Distinct()];
        fault = different switch
        {
            [] => $"its {text.Length} characters hold no such object",
            [null] => $"its \"{property}\" is none of that",
            [_] => null,
            _ => "it wrote several that say different things",
        };
        verdict = different is [{ } only] ? only : double.NaN;
        return fault is null;
    }

    /// <summary>Tries an object at the beginning of some text.</summary>
    /// <returns>How many bytes to go on after.</returns>
    private static int TryReadObject(ReadOnlySpan<byte> text, string property, Func<JsonElement, double?> parse, List<double?> verdicts)
    {
        var reader = new Utf8JsonReader(text, s_options);
        try
        {
            reader.Read();
            reader.Skip();
            int length = (int)reader.BytesConsumed;
            using JsonDocument document = JsonDocument.Parse(text[..length].ToArray(), s_strict);
            if (document.RootElement.TryGetProperty(property, out JsonElement value))
            {
                verdicts.Add(parse(value));
            }

            return length;
        }
        catch (JsonException)
        {
            return 1;
        }
    }
}
