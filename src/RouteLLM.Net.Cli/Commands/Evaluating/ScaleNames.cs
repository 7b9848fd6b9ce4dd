using System.CommandLine.Parsing;
using System.Globalization;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands.Evaluating;

/// <summary>What scales are called on the command line.</summary>
internal static class ScaleNames
{
    public static IReadOnlyDictionary<string, ScoreScale> All { get; } = new Dictionary<string, ScoreScale>
    {
        ["score"] = ScoreScale.Unit, ["exact-match"] = ScoreScale.ExactMatch, ["f1"] = ScoreScale.F1, ["pass@1"] = ScoreScale.PassAt1, ["1-10"] = ScoreScale.OneToTen, ["percent"] = ScoreScale.Percent,
    };

    public static ScoreScale? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (All.TryGetValue(text, out ScoreScale? scale))
        {
            return scale;
        }

        if (text.Split("..") is [var low, var high]
            && double.TryParse(low, NumberStyles.Float, CultureInfo.InvariantCulture, out double minimum) && double.TryParse(high, NumberStyles.Float, CultureInfo.InvariantCulture, out double maximum)
            && double.IsFinite(minimum) && double.IsFinite(maximum) && minimum < maximum)
        {
            return new ScoreScale("score", minimum, maximum);
        }

        result.AddError($"--scale is '{text}', but must be one of {string.Join(", ", All.Keys)}, or two numbers such as 0..5.");
        return null;
    }
}
