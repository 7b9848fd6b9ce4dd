namespace RouteLLM.Reporting;

/// <summary>Chooses the prompts that a report shows.</summary>
internal static class ExampleSelection
{
    /// <summary>Chooses rows: a third next to the threshold, the others evenly over the order of win probabilities, so that there are some on either side wherever the slider stands.</summary>
    public static IReadOnlyList<ReportExample> Choose(IReadOnlyList<EvaluatedRow> rows, double threshold, HtmlReportOptions options)
    {
        EvaluatedRow[] sorted = [.. rows.Where(static row => row.Prompt is not null).OrderBy(static row => row.WinProbability).ThenBy(static row => row.Id, StringComparer.Ordinal)];
        int wanted = Math.Min(options.Examples, sorted.Length);
        var chosen = new SortedSet<int>();
        int border = Array.FindIndex(sorted, row => row.WinProbability >= threshold) is var found and >= 0 ? found : sorted.Length;
        for (int near = Math.Max(0, border - (wanted / 6)); near < Math.Min(sorted.Length, border + (wanted / 6)); near++)
        {
            chosen.Add(near);
        }

        int[] others = [.. Enumerable.Range(0, sorted.Length).Where(i => !chosen.Contains(i))];
        int spread = wanted - chosen.Count;
        for (int i = 0; i < spread; i++)
        {
            chosen.Add(others[spread == 1 ? 0 : (int)((long)i * (others.Length - 1) / (spread - 1))]);
        }

        return [.. chosen.Select(i => sorted[i]).Select(row => new ReportExample(
            row.WinProbability, row.Id, row.Source, row.StrongScore, row.WeakScore, row.StrongProbability ?? double.NaN, PromptExcerpt.Of(row.Prompt!, options.MaxPromptLength), row.Prompt!.Length))];
    }
}
