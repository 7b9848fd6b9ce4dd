namespace RouteLLM.Internals;

/// <summary>A kind of personal data, and the forms that it takes.</summary>
internal sealed class PiiKind(string name, params PiiPattern[] patterns)
{
    public string Name => name;

    /// <summary>Counts the data of this kind in a text; what several patterns found in one place counts once.</summary>
    public int Count(string text)
    {
        var spans = new List<(int Start, int End)>();
        foreach (PiiPattern pattern in patterns)
        {
            pattern.AddSpans(text, spans);
        }

        spans.Sort();
        int count = 0, end = 0;
        foreach ((int start, int spanEnd) in spans)
        {
            count += start >= end ? 1 : 0;
            end = Math.Max(end, spanEnd);
        }

        return count;
    }
}
