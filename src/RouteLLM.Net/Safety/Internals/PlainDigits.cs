using System.Globalization;

namespace RouteLLM.Internals;

/// <summary>Writes numbers as patterns and check digits expect them.</summary>
internal static class PlainDigits
{
    /// <summary>Replaces full-width characters and the digits of all scripts by their ASCII counterparts, character by character.</summary>
    public static string Of(string text) => text.AsSpan().ContainsAnyExceptInRange('\0', '\x7f') && text.Any(static c => ToAscii(c) != c)
        ? string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = ToAscii(source[i]);
            }
        })
        : text;

    private static char ToAscii(char c) => c switch
    {
        <= '\x7f' => c,
        >= '\uff01' and <= '\uff5e' => (char)(c - '\uff01' + '!'),
        _ when char.IsDigit(c) => (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)),
        _ => c,
    };
}
