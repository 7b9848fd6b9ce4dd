using System.Globalization;

namespace RouteLLM.Reporting;

/// <summary>Cuts a prompt to a length without cutting a character that is made of several code units.</summary>
internal static class PromptExcerpt
{
    public static string Of(string prompt, int maxLength)
    {
        if (prompt.Length <= maxLength)
        {
            return prompt;
        }

        // Looking at the beginning only, a prompt of any length takes the same time. A character that begins before the end is left out whole.
        ReadOnlySpan<char> beginning = prompt.AsSpan(0, Math.Min(prompt.Length, maxLength + 64));
        int length = 0;
        while (length < beginning.Length)
        {
            int next = StringInfo.GetNextTextElementLength(beginning[length..]);
            if (length + next > maxLength)
            {
                break;
            }

            length += next;
        }

        return prompt[..length];
    }
}
