using System.Globalization;

namespace RouteLLM;

/// <summary>A model id that asks for a router and a threshold instead of a model: <c>router-NAME-THRESHOLD</c>, such as <c>router-mf-0.11593</c>.</summary>
/// <param name="Router">The router's name; it may hold hyphens.</param>
/// <param name="Threshold">The threshold, in [0, 1].</param>
/// <remarks>
/// RouteLLM's form, read more strictly: the name may hold hyphens, and the threshold is a plain invariant decimal: no blanks, exponents, underscores, signs or
/// digits other than 0 to 9.
/// </remarks>
public readonly record struct RouterModelId(string Router, double Threshold)
{
    /// <summary>What every such model id begins with.</summary>
    public const string Prefix = "router-";

    /// <summary>The form, for error messages.</summary>
    internal const string Form = "router-NAME-THRESHOLD, with a threshold in [0, 1] such as router-mf-0.11593";

    /// <summary>Reads a model id.</summary>
    /// <param name="modelId">The text.</param>
    /// <param name="result">The router's name and the threshold.</param>
    /// <returns><see langword="true"/> if <paramref name="modelId"/> has the form; whether there is such a router is not asked.</returns>
    public static bool TryParse(string? modelId, out RouterModelId result)
    {
        result = default;
        if (modelId is null || !modelId.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        int hyphen = modelId.LastIndexOf('-');
        ReadOnlySpan<char> decimals = modelId.AsSpan(hyphen + 1);
        if (hyphen <= Prefix.Length ||
            decimals.Contains('\0') || // TryParse allows it at the end.
            !double.TryParse(decimals, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double threshold) ||
            threshold is not (>= 0 and <= 1))
        {
            return false;
        }

        result = new(modelId[Prefix.Length..hyphen], threshold);
        return true;
    }

    /// <summary>Gives the model id's text.</summary>
    /// <returns><c>router-NAME-THRESHOLD</c>.</returns>
    public override string ToString() => $"{Prefix}{Router}-{Decimals(Threshold)}";

    // The fewest digits that read back to the same number, without the exponent that .NET gives small ones.
    private static string Decimals(double threshold)
    {
        string digits = threshold.ToString("R", CultureInfo.InvariantCulture);
        int exponent = digits.IndexOf('E', StringComparison.Ordinal);
        return threshold == 0 ? "0"
            : exponent < 0 || threshold is not (> 0 and < 1) ? digits
            : $"0.{new string('0', -int.Parse(digits.AsSpan(exponent + 1), CultureInfo.InvariantCulture) - 1)}{digits[..exponent].Replace(".", "", StringComparison.Ordinal)}";
    }
}
