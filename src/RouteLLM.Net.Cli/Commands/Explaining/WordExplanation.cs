using System.Globalization;
using Spectre.Console;

namespace RouteLLM.Cli.Commands.Explaining;

/// <summary>Shows what words and other features of a prompt added to its score.</summary>
internal static class WordExplanation
{
    // Of the weightiest word's weight: below the first, a word has no colour, from the second on it is bold.
    private const double Faint = 0.08, Strong = 0.5;

    public static void Show(PredictionExplanation explanation, int top, Terminal terminal)
    {
        if (terminal.IsDrawing)
        {
            terminal.Canvas.Write(Colored(explanation));
            terminal.Canvas.WriteLine();
            terminal.Canvas.WriteLine();
        }

        double words = explanation.Words.Sum(static word => word.Weight);
        var sums = ResultTable.OfProperties();
        if (!terminal.IsDrawing)
        {
            sums.Add("prompt", explanation.Prompt);
        }

        sums.Add("win probability", Number(explanation.WinProbability, "0.0000"));
        sums.Add("score (log odds)", Weight(explanation.Score));
        sums.Add("of it: bias", Weight(explanation.Bias));
        sums.Add("of it: shape", Weight(explanation.ShapeWeight));
        sums.Add("of it: words", Weight(words));
        terminal.Write(sums);
        if (top > 0 && explanation.Contributions.Count > 0)
        {
            var table = ResultTable.Of("#weight", "speaks for", "of", "feature");
            foreach (FeatureContribution contribution in explanation.Contributions.Take(top))
            {
                table.Add(Weight(contribution.Weight), contribution.Weight > 0 ? "strong" : contribution.Weight < 0 ? "weak" : "-", contribution.Kind.ToString().ToLowerInvariant(), contribution.Description);
            }

            terminal.Write(table);
        }
    }

    public static object ContentsOf(PredictionExplanation explanation) => new Contents(
        explanation.Prompt,
        explanation.WinProbability,
        explanation.Score,
        explanation.Bias,
        explanation.ShapeWeight,
        [.. explanation.Words.Select(word => new Word(Text(explanation, word), word.Span.Start, word.Span.Length, word.Weight))],
        [.. explanation.Contributions.Select(static contribution => new Contribution(contribution.Description, contribution.Kind.ToString().ToLowerInvariant(), contribution.Weight, contribution.Spans))]);

    /// <summary>Colours the words: green for those that spoke for the strong model, red for the weak one.</summary>
    private static Paragraph Colored(PredictionExplanation explanation)
    {
        double largest = explanation.Words.Select(static word => Math.Abs(word.Weight)).DefaultIfEmpty().Max();
        var paragraph = new Paragraph();
        int position = 0;
        foreach (WordContribution word in explanation.Words)
        {
            paragraph.Append(Plain(explanation.Prompt[position..word.Span.Start]));
            paragraph.Append(Plain(Text(explanation, word)), StyleOf(word.Weight / largest));
            position = word.Span.End;
        }

        return paragraph.Append(Plain(explanation.Prompt[position..]));
    }

    private static Style StyleOf(double part) => Math.Abs(part) switch
    {
        >= Strong => new Style(part > 0 ? Color.Green : Color.Red, decoration: Decoration.Bold),
        >= Faint => new Style(part > 0 ? Color.Green : Color.Red),
        _ => Style.Plain,
    };

    private static string Text(PredictionExplanation explanation, WordContribution word) => explanation.Prompt.Substring(word.Span.Start, word.Span.Length);

    /// <summary>Takes out what a terminal would obey rather than show.</summary>
    private static string Plain(string text) => string.Concat(text.Select(static c => char.IsControl(c) && c is not ('\n' or '\t') ? c == '\r' ? "" : "\uFFFD" : c.ToString()));

    private static string Weight(double weight) => Number(weight, "+0.0000;-0.0000;0.0000");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Contents(string Prompt, double WinProbability, double Score, double Bias, double ShapeWeight, IReadOnlyList<Word> Words, IReadOnlyList<Contribution> Contributions);

    private sealed record Word(string Text, int Start, int Length, double Weight);

    private sealed record Contribution(string Feature, string Kind, double Weight, IReadOnlyList<TextSpan> Spans);
}
