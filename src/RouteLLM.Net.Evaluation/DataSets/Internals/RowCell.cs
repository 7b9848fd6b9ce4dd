using System.Globalization;

namespace RouteLLM.Evaluation;

/// <summary>The value in a column of a row.</summary>
/// <param name="Text">The text, or how the value is written; <see langword="null"/> if there is no value.</param>
/// <param name="Number">The number; NaN if it is none.</param>
/// <param name="IsText">Whether it may be taken as text.</param>
internal readonly record struct RowCell(string? Text, double Number, bool IsText)
{
    /// <summary>No value.</summary>
    public static RowCell Nothing => default;

    /// <summary>A value that is text and nothing else.</summary>
    public static RowCell OfText(string text) => new(text, double.NaN, true);

    /// <summary>A value that is a number, or true and false as 1 and 0.</summary>
    public static RowCell OfNumber(double number, string? written = null) => new(written ?? number.ToString(CultureInfo.InvariantCulture), number, false);

    /// <summary>A value that is neither, such as a list.</summary>
    public static RowCell OfOther(string written) => new(written, double.NaN, false);

    /// <summary>A field of a CSV file, which has no type; an empty one is no number.</summary>
    public static RowCell OfField(string field, bool wantsText) =>
        wantsText ? OfText(field)
        : string.IsNullOrWhiteSpace(field) ? Nothing
        : bool.TryParse(field, out bool truth) ? OfNumber(truth ? 1 : 0, field)
        : double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? OfNumber(number, field)
        : OfOther($"\"{field}\"");
}
