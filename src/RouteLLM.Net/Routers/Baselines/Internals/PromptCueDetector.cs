using System.Buffers;

namespace RouteLLM;

/// <summary>Recognises <see cref="PromptCues"/>.</summary>
internal static class PromptCueDetector
{
    private const int StatementsThatMakeCode = 2;

    private static readonly SearchValues<char> s_operators = SearchValues.Create("∀∂∃∇∈∉∏∑√∩∪∫⊂⊆");

    private static readonly SearchValues<string> s_texCommands = SearchValues.Create(
        ["\\begin{", "\\cdot", "\\frac", "\\infty", "\\int", "\\lim", "\\mathbb", "\\prod", "\\sqrt", "\\sum"],
        StringComparison.Ordinal);

    private static readonly SearchValues<char> s_statementEnds = SearchValues.Create(";{}");

    private static readonly string[] s_statementStarts =
        ["#include", "const ", "console.log", "def ", "fn ", "func ", "import ", "private ", "public ", "return ", "using "];

    /// <summary>Tells whether the text has at least one of the cues.</summary>
    public static bool HasAny(PromptCues cues, ReadOnlySpan<char> text) =>
        ((cues & PromptCues.Code) != 0 && HasCode(text)) || ((cues & PromptCues.Formula) != 0 && HasFormula(text));

    private static bool HasCode(ReadOnlySpan<char> text)
    {
        if (text.Contains("```", StringComparison.Ordinal))
        {
            return true;
        }

        int statements = 0;
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            if (IsStatement(line.Trim()) && ++statements == StatementsThatMakeCode)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsStatement(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty)
        {
            return false;
        }

        if (s_statementEnds.Contains(line[^1]))
        {
            return true;
        }

        foreach (string start in s_statementStarts)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasFormula(ReadOnlySpan<char> text) => text.ContainsAny(s_operators) || text.ContainsAny(s_texCommands) || HasPower(text);

    private static bool HasPower(ReadOnlySpan<char> text)
    {
        while (text.IndexOf('^') is >= 0 and int caret)
        {
            if (caret > 0 && caret + 1 < text.Length
                && (char.IsLetterOrDigit(text[caret - 1]) || text[caret - 1] is ')' or ']')
                && (char.IsLetterOrDigit(text[caret + 1]) || text[caret + 1] is '(' or '{' or '-'))
            {
                return true;
            }

            text = text[(caret + 1)..];
        }

        return false;
    }
}
