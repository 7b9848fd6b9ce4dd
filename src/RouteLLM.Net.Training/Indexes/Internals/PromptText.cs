using System.Text.Json;

namespace RouteLLM.Training;

/// <summary>Prompts as RouteLLM's Python measures them.</summary>
internal static class PromptText
{
    /// <summary>Asks whether a prompt has at least so many code points, white space around it not counted.</summary>
    public static bool IsAtLeast(ReadOnlySpan<char> prompt, int length)
    {
        int start = 0, end = prompt.Length;
        while (start < end && IsPythonSpace(prompt[start]))
        {
            start++;
        }

        while (end > start && IsPythonSpace(prompt[end - 1]))
        {
            end--;
        }

        return CodePoints.Count(prompt[start..end], length) >= length;
    }

    /// <summary>Takes the first turn of a JSON list of turns.</summary>
    /// <exception cref="FormatException">It is no list that begins with text.</exception>
    public static string FirstTurn(string turns)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(turns);
            if (json.RootElement.ValueKind == JsonValueKind.Array && json.RootElement.GetArrayLength() > 0 && json.RootElement[0].ValueKind == JsonValueKind.String)
            {
                return json.RootElement[0].GetString()!;
            }
        }
        catch (JsonException exception)
        {
            throw new FormatException($"the prompt is no JSON: {exception.Message} Expected a list of turns.", exception);
        }

        throw new FormatException("the prompt is no JSON list that begins with text; expected a list of turns.");
    }

    // Python's strip also removes the four information separators.
    private static bool IsPythonSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';
}
