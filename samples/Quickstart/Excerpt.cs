using System.Globalization;
using System.Text;
using Spectre.Console;

namespace RouteLLM.Quickstart;

/// <summary>The beginning of a text that arrives piece by piece, made fit for one line of a given width.</summary>
/// <remarks>
/// White space becomes a single blank, control and invisible formatting characters vanish (text must not be able to steer a terminal), and what is too long ends
/// in an ellipsis. Width is counted in terminal cells, two for a Chinese or Japanese character or an emoji.
/// </remarks>
internal sealed class Excerpt(int width, string ellipsis = "…")
{
    private readonly int _limit = Math.Max(width - ellipsis.Length, 0);
    private int _used;
    private bool _spacePending;
    private bool _full;
    private char _highSurrogate;

    /// <summary>Makes the excerpt of a whole text.</summary>
    public static string Of(string text, int width, string ellipsis = "…") => new Excerpt(width, ellipsis).Append(text);

    /// <summary>Takes the next piece and gives what of it is to be shown.</summary>
    public string Append(string text)
    {
        if (_full || text.Length == 0)
        {
            return "";
        }

        // A stream may break a surrogate pair in two.
        if (_highSurrogate != 0)
        {
            text = _highSurrogate + text;
        }

        _highSurrogate = char.IsHighSurrogate(text[^1]) ? text[^1] : '\0';
        var shown = new StringBuilder();
        foreach (Rune rune in text.AsSpan(0, text.Length - (_highSurrogate != 0 ? 1 : 0)).EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                _spacePending = _used > 0;
                continue;
            }

            if (IsInvisible(rune))
            {
                continue;
            }

            int cells = Width(rune) + (_spacePending ? 1 : 0);
            if (_used + cells > _limit)
            {
                _full = true;
                return shown.Append(ellipsis).ToString();
            }

            shown.Append(_spacePending ? " " : "").Append(rune.ToString());
            _used += cells;
            _spacePending = false;
        }

        return shown.ToString();
    }

    // Joiners shape emoji and Persian or Indic letters; everything else of the kind, direction overrides above all, only confuses.
    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format && rune.Value is not (0x200C or 0x200D);

    // The emoji selector widens the character before it in some terminals.
    private static int Width(Rune rune) => rune.Value == 0xFE0F ? 1 : rune.ToString().GetCellWidth();
}
