using System.Globalization;

namespace RouteLLM;

/// <summary>Cuts a long prompt to its beginning and its end, which hold the task more often than the middle does.</summary>
internal static class PromptExcerpt
{
    /// <summary>Gives the prompt itself if it is no longer than <paramref name="maxLength"/> UTF-16 units, else its two ends and, between them, how much is left out.</summary>
    public static string Take(string prompt, int maxLength)
    {
        if (prompt.Length <= maxLength)
        {
            return prompt;
        }

        int head = maxLength / 2, tail = prompt.Length - (maxLength - head);

        // Never half of a surrogate pair.
        head -= char.IsHighSurrogate(prompt[head - 1]) ? 1 : 0;
        tail += char.IsLowSurrogate(prompt[tail]) ? 1 : 0;
        return string.Create(CultureInfo.InvariantCulture, $"{prompt.AsSpan(0, head)}\n[... {tail - head} characters left out ...]\n{prompt.AsSpan(tail)}");
    }
}
