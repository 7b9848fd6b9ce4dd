using System.Collections.Frozen;
using System.Globalization;

namespace RouteLLM;

/// <summary>Finds the first of several rules that has a keyword in a text, in one pass and without allocating.</summary>
/// <remarks>
/// At each place where a keyword can begin (any but the inside of a word), those that begin with the two characters found there are compared in full. How a
/// keyword matches is told on <see cref="KeywordRule"/>.
/// </remarks>
internal sealed class KeywordMatcher
{
    private readonly IReadOnlyList<KeywordRule> _rules;
    private readonly FrozenDictionary<char, Keyword[]> _byFirstChar;

    public KeywordMatcher(IReadOnlyList<KeywordRule> rules)
    {
        _rules = rules;
        _byFirstChar = rules
            .SelectMany(static (rule, index) => rule.Keywords.Select(keyword => new Keyword(keyword, index)))
            .GroupBy(static keyword => keyword.First)
            .ToFrozenDictionary(static group => group.Key, static group => group.ToArray());
    }

    /// <summary>Gives the index of the first rule that matches, or -1; only rules before <paramref name="end"/> are looked at.</summary>
    public int FindFirstRule(ReadOnlySpan<char> text, int end)
    {
        int best = end;
        bool afterPartOfWord = false;
        for (int start = 0; start < text.Length && best > 0; start++)
        {
            bool isPartOfWord = IsPartOfWord(text[start]);
            if ((!isPartOfWord || !afterPartOfWord) && _byFirstChar.TryGetValue(char.ToUpperInvariant(text[start]), out Keyword[]? candidates))
            {
                best = FindFirstRule(candidates, text, start, best);
            }

            afterPartOfWord = isPartOfWord;
        }

        return best < end ? best : -1;
    }

    private int FindFirstRule(Keyword[] candidates, ReadOnlySpan<char> text, int start, int end)
    {
        ReadOnlySpan<char> rest = text[start..];
        char second = rest.Length > 1 ? char.ToUpperInvariant(rest[1]) : Keyword.Any;
        foreach (Keyword keyword in candidates)
        {
            // Keywords are in the order of their rules.
            if (keyword.Rule >= end)
            {
                break;
            }

            if ((keyword.Second == second || keyword.Second == Keyword.Any) && keyword.Begins(rest) && _rules[keyword.Rule].Allows(text))
            {
                return keyword.Rule;
            }
        }

        return end;
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

    private sealed class Keyword
    {
        public const char Any = '\0';

        private readonly string[] _words;

        public Keyword(string text, int rule)
        {
            _words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            Rule = rule;
            First = char.ToUpperInvariant(_words[0][0]);

            // Surrogates change case in pairs only, so they are left to the full comparison.
            Second = _words[0].Length > 1 && !char.IsSurrogate(_words[0][1]) ? char.ToUpperInvariant(_words[0][1]) : Any;
        }

        /// <summary>Gets the index of the rule whose keyword it is.</summary>
        public int Rule { get; }

        /// <summary>Gets the first character, in upper case.</summary>
        public char First { get; }

        /// <summary>Gets the second character, in upper case, or <see cref="Any"/>.</summary>
        public char Second { get; }

        /// <summary>Tells whether a text begins with the keyword, and the keyword does not end within a word.</summary>
        public bool Begins(ReadOnlySpan<char> text)
        {
            for (int i = 0; i < _words.Length; i++)
            {
                ReadOnlySpan<char> next = i == 0 ? text : text.TrimStart();
                if ((i > 0 && next.Length == text.Length) || !next.StartsWith(_words[i], StringComparison.OrdinalIgnoreCase))
                {
                    return false;
                }

                text = next[_words[i].Length..];
            }

            return text.IsEmpty || !IsPartOfWord(text[0]) || !IsPartOfWord(_words[^1][^1]);
        }
    }
}
