using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;

namespace RouteLLM;

/// <summary>Finds the first of several rules that has a keyword in a text, in one pass and without allocating.</summary>
/// <remarks>
/// A vectorised search finds each place where the first word of some keyword stands; the keywords that begin with the letter found there are then compared in
/// full. How a keyword matches is told on <see cref="KeywordRule"/>.
/// </remarks>
internal sealed class KeywordMatcher
{
    private readonly IReadOnlyList<KeywordRule> _rules;
    private readonly SearchValues<string> _firstWords;
    private readonly FrozenDictionary<char, Keyword[]> _byFirstChar;

    public KeywordMatcher(IReadOnlyList<KeywordRule> rules)
    {
        _rules = rules;
        Keyword[] keywords = [.. rules.SelectMany(static (rule, index) => rule.Keywords.Select(keyword => new Keyword(keyword.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), index)))];
        _firstWords = SearchValues.Create([.. keywords.Select(static keyword => keyword.Words[0]).Distinct()], StringComparison.OrdinalIgnoreCase);
        _byFirstChar = keywords
            .GroupBy(static keyword => char.ToUpperInvariant(keyword.Words[0][0]))
            .ToFrozenDictionary(static group => group.Key, static group => group.ToArray());
    }

    /// <summary>Gives the index of the first rule that matches, or -1; only rules before <paramref name="end"/> are looked at.</summary>
    public int FindFirstRule(ReadOnlySpan<char> text, int end)
    {
        int best = end;
        for (int start = 0; best > 0; start++)
        {
            int offset = text[start..].IndexOfAny(_firstWords);
            if (offset < 0)
            {
                break;
            }

            start += offset;
            foreach (Keyword keyword in _byFirstChar.GetValueOrDefault(char.ToUpperInvariant(text[start]), []))
            {
                // Keywords are in the order of their rules.
                if (keyword.Rule >= best)
                {
                    break;
                }

                if (keyword.IsAt(text, start) && _rules[keyword.Rule].Allows(text))
                {
                    best = keyword.Rule;
                }
            }
        }

        return best < end ? best : -1;
    }

    private static bool IsPartOfWord(char c) =>
        (char.IsLetterOrDigit(c) || c == '_' || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)
        && !IsInScriptWithoutWords(c);

    /// <summary>Tells whether a character is of a script that does not separate words by spaces, or of Korean.</summary>
    private static bool IsInScriptWithoutWords(char c) => c is
        (>= '\u0E00' and <= '\u0FFF') // Thai, Lao, Tibetan
        or (>= '\u1000' and <= '\u109F') // Burmese
        or (>= '\u1100' and <= '\u11FF') // Hangul jamo
        or (>= '\u1780' and <= '\u17FF') // Khmer
        or (>= '\u2E80' and <= '\uA4CF') // radicals, kana, Han, Yi
        or (>= '\uA960' and <= '\uA97F') or (>= '\uAC00' and <= '\uD7FF') // Hangul
        or (>= '\uF900' and <= '\uFAFF') // Han, compatibility
        or (>= '\uFF66' and <= '\uFFDC'); // kana and Hangul, half width

    private readonly record struct Keyword(string[] Words, int Rule)
    {
        public bool IsAt(ReadOnlySpan<char> text, int start)
        {
            if (start > 0 && IsPartOfWord(Words[0][0]) && IsPartOfWord(text[start - 1]))
            {
                return false;
            }

            ReadOnlySpan<char> rest = text[start..];
            for (int i = 0; i < Words.Length; i++)
            {
                if (i > 0)
                {
                    ReadOnlySpan<char> trimmed = rest.TrimStart();
                    if (trimmed.Length == rest.Length)
                    {
                        return false;
                    }

                    rest = trimmed;
                }

                if (!rest.StartsWith(Words[i], StringComparison.OrdinalIgnoreCase))
                {
                    return false;
                }

                rest = rest[Words[i].Length..];
            }

            return rest.IsEmpty || !IsPartOfWord(Words[^1][^1]) || !IsPartOfWord(rest[0]);
        }
    }
}
