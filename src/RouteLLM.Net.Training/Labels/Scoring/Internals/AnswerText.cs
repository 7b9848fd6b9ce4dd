using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace RouteLLM.Training;

/// <summary>Finds what an answer comes down to.</summary>
internal static partial class AnswerText
{
    /// <summary>Takes off what does not matter between two texts: compatibility forms, runs of white space, and marks around the text.</summary>
    public static string Normalize(string text) => WhiteSpace().Replace(Compose(text), " ").Trim([' ', '"', '\'', '`', '*', '_', '.', '\u201c', '\u201d', '\u2018', '\u2019']);

    /// <summary>Finds the last number, or <see langword="null"/> if there is none.</summary>
    public static double? LastNumber(string text)
    {
        MatchCollection numbers = Number().Matches(Compose(text));
        return numbers.Count == 0 ? null : double.Parse(numbers[^1].Value.Replace("\u2212", "-", StringComparison.Ordinal).Replace("$", "", StringComparison.Ordinal), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    /// <summary>Finds the letter of a choice: a boxed one, one said to be the answer, one that the text begins with or consists of, or else the last one in parentheses.</summary>
    public static char? Choice(string text, char last)
    {
        string composed = Compose(text).Trim();
        foreach (Regex pattern in (ReadOnlySpan<Regex>)[Boxed(), Declared(), Leading(), Parenthesized()])
        {
            char[] letters = [.. pattern.Matches(composed).Select(static match => char.ToUpperInvariant(match.Groups["letter"].ValueSpan[0])).Where(letter => letter <= last)];
            if (letters.Length > 0)
            {
                return letters[^1];
            }
        }

        return null;
    }

    /// <summary>Full-width digits and letters become plain ones; lone surrogates, which cannot be normalised, become replacement characters.</summary>
    private static string Compose(string text)
    {
        var valid = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            valid.Append(rune);
        }

        return valid.ToString().Normalize(NormalizationForm.FormKC);
    }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex WhiteSpace();

    // A minus sign after a digit or a letter subtracts, and a digit after a letter is part of a name.
    [GeneratedRegex(@"(?<![A-Za-z0-9_])[-\u2212]?\$?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3}(?![0-9]))?|(?<![A-Za-z0-9_])[-\u2212]?\$?\.[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"\\boxed\{\s*(?:\\text\{)?\s*\(?(?<letter>[A-Za-z])\)?\s*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Boxed();

    // "answer is B", "Answer: (b)", "correct option is **C**"; a small letter only in parentheses, for "the answer is a number".
    [GeneratedRegex(@"(?i:answer|option|choice)(?i:\s+is|\s+would\s+be)?\s*:?\s*[*_""'\[]*(?:\((?<letter>[A-Za-z])\)|(?<letter>(?!I\s+[a-z])[A-Z])(?![A-Za-z0-9'\u2019]))", RegexOptions.CultureInvariant)]
    private static partial Regex Declared();

    [GeneratedRegex(@"^[*_""'\[(]*(?<letter>[A-Za-z])(?:[*_""'\])]*$|[*_]*[).:\]])", RegexOptions.CultureInvariant)]
    private static partial Regex Leading();

    [GeneratedRegex(@"\((?<letter>[A-Z])\)", RegexOptions.CultureInvariant)]
    private static partial Regex Parenthesized();
}
