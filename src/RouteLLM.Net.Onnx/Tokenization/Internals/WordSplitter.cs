using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RouteLLM.Onnx;

/// <summary>Splits text into words by the expression of a byte-pair tokenizer; what the expression leaves out is words too.</summary>
/// <remarks>
/// .NET matches UTF-16 units, so to it a letter beyond U+FFFF (𝒜, 𠮷) is two that are no letters, where the tokenizer's own expressions match code points. So the expression is matched on a shadow of the text,
/// in which a character of the same kind stands for each of those.
/// </remarks>
internal sealed class WordSplitter
{
    /// <summary>What GPT-2 splits at, and <c>ByteLevel</c> where it splits.</summary>
    public const string Gpt2Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Regex _expression;
    private readonly bool _addPrefixSpace;

    /// <exception cref="ArgumentException">The expression is none.</exception>
    public WordSplitter(string expression, bool addPrefixSpace)
    {
        // Tokenizers come from strangers: an expression that backtracks without end must not hang the application.
        _expression = new Regex(expression, RegexOptions.CultureInvariant, s_patience);
        _addPrefixSpace = addPrefixSpace;
    }

    /// <summary>Splits a text.</summary>
    /// <param name="text">The text, with a space in front where the tokenizer wants one.</param>
    /// <returns>Where each word begins and ends, in order.</returns>
    public IEnumerable<Range> Split(string text)
    {
        string shadow = Shadow(text);
        bool isPlain = shadow.Length == text.Length;
        int at = 0, done = 0, word = 0;
        for (Match match = _expression.Match(shadow); match.Success; match = match.NextMatch())
        {
            if (match.Length == 0)
            {
                continue;
            }

            if (match.Index > done)
            {
                int gap = Advance(match.Index);
                yield return word..gap;
                word = gap;
            }

            int end = Advance(match.Index + match.Length);
            yield return word..end;
            word = end;
        }

        if (word < text.Length)
        {
            yield return word..text.Length;
        }

        int Advance(int shadowEnd)
        {
            at = isPlain ? shadowEnd : at;
            for (; !isPlain && done < shadowEnd; done++)
            {
                at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
            }

            done = shadowEnd;
            return at;
        }
    }

    /// <summary>Puts a space in front where the tokenizer wants one.</summary>
    public string Prepare(ReadOnlySpan<char> text) => _addPrefixSpace && !text.IsEmpty && !char.IsWhiteSpace(text[0]) ? $" {text}" : text.ToString();

    private static string Shadow(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }

        var shadow = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            shadow.Append(rune.IsBmp ? (char)rune.Value : Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.UppercaseLetter => 'Ω',
                UnicodeCategory.LowercaseLetter => 'ω',
                UnicodeCategory.TitlecaseLetter => 'ǅ',
                UnicodeCategory.ModifierLetter => 'ʰ',
                UnicodeCategory.OtherLetter => '中',
                UnicodeCategory.DecimalDigitNumber => '٣',
                UnicodeCategory.LetterNumber => 'Ⅷ',
                UnicodeCategory.OtherNumber => '½',
                UnicodeCategory.NonSpacingMark => '\u0301',
                UnicodeCategory.SpacingCombiningMark => '\u0903',
                UnicodeCategory.OtherPunctuation => '§',
                _ => '☃',
            });
        }

        return shadow.ToString();
    }
}
