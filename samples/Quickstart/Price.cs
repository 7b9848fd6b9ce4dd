using System.Globalization;

namespace RouteLLM.Quickstart;

/// <summary>What a model costs.</summary>
/// <param name="Input">USD per million input tokens.</param>
/// <param name="Output">USD per million output tokens.</param>
internal readonly record struct Price(double Input, double Output)
{
    /// <summary>Gets the cost of a call in USD.</summary>
    public double Of(long inputTokens, long outputTokens) => ((inputTokens * Input) + (outputTokens * Output)) / 1_000_000;

    /// <summary>Reads <c>INPUT/OUTPUT</c>, such as <c>2.50/10</c>.</summary>
    public static bool TryParse(string text, out Price price)
    {
        price = default;
        if (text.Split('/') is not [var input, var output] || !TryParseUsd(input, out double perInput) || !TryParseUsd(output, out double perOutput))
        {
            return false;
        }

        price = new Price(perInput, perOutput);
        return true;
    }

    public override string ToString() => $"${Input:0.00##} in / ${Output:0.00##} out";

    private static bool TryParseUsd(string text, out double usd) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out usd)
        && double.IsFinite(usd);
}
