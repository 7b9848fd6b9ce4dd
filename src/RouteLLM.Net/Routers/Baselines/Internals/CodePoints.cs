namespace RouteLLM;

/// <summary>Counts text as Python does.</summary>
internal static class CodePoints
{
    /// <summary>Counts Unicode code points, an unpaired surrogate as one, but no further than <paramref name="limit"/>: a huge text costs no more than a long one.</summary>
    public static int Count(ReadOnlySpan<char> text, int limit)
    {
        int count = 0;
        for (int i = 0; i < text.Length && count < limit; i++, count++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
        }

        return count;
    }
}
