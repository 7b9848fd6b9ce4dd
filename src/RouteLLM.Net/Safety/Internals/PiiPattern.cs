using System.Text.RegularExpressions;

namespace RouteLLM.Internals;

/// <summary>One form of a kind of personal data.</summary>
/// <param name="Regex">What it looks like.</param>
/// <param name="Check">Verifies a match, as by its check digits; <see langword="null"/> if every match counts.</param>
internal sealed record PiiPattern(Regex Regex, PiiCheck? Check = null)
{
    /// <summary>Adds where in a text the data are.</summary>
    public void AddSpans(string text, List<(int Start, int End)> spans)
    {
        int from = 0;
        while (FindNext(text, from) is { Length: > 0 } match)
        {
            int length = Check is null ? match.Length : Check(text.AsSpan(match.Index, match.Length));
            if (length > 0)
            {
                spans.Add((match.Index, match.Index + length));
            }

            // What failed the check may have taken the start of what would pass it.
            from = match.Index + Math.Max(length, 1);
        }
    }

    private ValueMatch FindNext(string text, int from)
    {
        foreach (ValueMatch match in Regex.EnumerateMatches(text, from))
        {
            return match;
        }

        return default;
    }
}
