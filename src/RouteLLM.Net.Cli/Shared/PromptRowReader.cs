using System.Text.Json;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli;

/// <summary>Reads rows of which only <c>id</c> and <c>prompt</c> matter, one JSON object a line. Blank lines are skipped.</summary>
internal static class PromptRowReader
{
    /// <exception cref="EvaluationDataException">A line is no row.</exception>
    public static IEnumerable<PromptRow> Read(InputFile file)
    {
        for (int number = 1; file.ReadLine(number) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Parse(line, file.Name, number);
            }
        }
    }

    /// <summary>Reads the prompt of a row that needs no id.</summary>
    /// <exception cref="EvaluationDataException">The line is no row.</exception>
    public static string ParsePrompt(string line, string name, int number) => Parse(line, name, number, static row => PromptOf(row));

    private static PromptRow Parse(string line, string name, int number) => Parse(line, name, number, row => new PromptRow(IdOf(row), PromptOf(row), number));

    private static T Parse<T>(string line, string name, int number, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new FormatException($"a row is a JSON object, not {document.RootElement.ValueKind}.");
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw new EvaluationDataException(name, number, error.Message, error);
        }
    }

    private static string IdOf(JsonElement row) => row.TryGetProperty("id", out JsonElement id)
        ? id.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? id.GetRawText()
            : throw new FormatException($"the property \"id\" is {id.ValueKind}; expected a string or a number.")
        : throw new FormatException("the property \"id\" is missing; expected a string or a number.");

    private static string PromptOf(JsonElement row) => row.TryGetProperty("prompt", out JsonElement prompt)
        ? prompt.ValueKind == JsonValueKind.String
            ? prompt.GetString()!
            : throw new FormatException($"the property \"prompt\" is {prompt.ValueKind}; expected a string.")
        : throw new FormatException("the property \"prompt\" is missing; expected a string.");
}
