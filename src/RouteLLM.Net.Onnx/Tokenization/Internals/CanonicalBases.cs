using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace RouteLLM.Onnx;

/// <summary>Takes characters apart and drops their accents: Unicode's canonical decomposition (NFD) without nonspacing marks.</summary>
/// <remarks>
/// From a table and not from <see cref="string.Normalize()"/>, which leaves all but ASCII as it is where an application runs without ICU (<c>InvariantGlobalization</c>): ids would be wrong and nothing would say so.
/// Syllables of Hangul are taken apart by the Unicode standard's arithmetic (section 3.12).
/// </remarks>
internal static class CanonicalBases
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7, VowelCount = 21, TrailCount = 28, SyllableCount = 19 * VowelCount * TrailCount;

    private static readonly FrozenDictionary<int, int[]> s_bases = Read();

    /// <summary>Gives what a character consists of, nonspacing marks left out.</summary>
    /// <param name="character">The character.</param>
    /// <param name="bases">Room for at least 3 code points.</param>
    /// <returns>How many there are; none for a mark.</returns>
    public static int Decompose(Rune character, Span<int> bases)
    {
        int value = character.Value;
        if (character.IsAscii)
        {
            bases[0] = value;
            return 1;
        }

        int syllable = value - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            bases[0] = LeadBase + (syllable / (VowelCount * TrailCount));
            bases[1] = VowelBase + (syllable % (VowelCount * TrailCount) / TrailCount);
            bases[2] = TrailBase + (syllable % TrailCount);
            return bases[2] == TrailBase ? 2 : 3;
        }

        if (s_bases.TryGetValue(value, out int[]? found))
        {
            found.CopyTo(bases);
            return found.Length;
        }

        bases[0] = value;
        return Rune.GetUnicodeCategory(character) == UnicodeCategory.NonSpacingMark ? 0 : 1;
    }

    // A line holds a character and what is left of it, as hexadecimal code points.
    private static FrozenDictionary<int, int[]> Read()
    {
        using Stream stream = typeof(CanonicalBases).Assembly.GetManifestResourceStream("RouteLLM.Onnx.canonical-bases.txt")!;
        using var reader = new StreamReader(stream);
        var bases = new Dictionary<int, int[]>();
        while (reader.ReadLine() is { } line)
        {
            int[] points = [.. line.Split(' ').Select(static point => int.Parse(point, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))];
            bases.Add(points[0], points[1..]);
        }

        return bases.ToFrozenDictionary();
    }
}
