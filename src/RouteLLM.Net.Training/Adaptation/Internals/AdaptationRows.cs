namespace RouteLLM.Training;

/// <summary>The rows of all sets, one after the other, checked.</summary>
internal sealed class AdaptationRows
{
    private const int Fewest = 10;

    public AdaptationRows(IReadOnlyList<AdaptationSet> sets)
    {
        Sets = sets;
        SetOf = [.. sets.SelectMany(static (set, s) => Enumerable.Repeat(s, set.Rows.Count))];
        LabeledPrompt[] rows = [.. sets.SelectMany(static set => set.Rows)];
        Prompts = [.. rows.Select(static row => row.Prompt)];
        Labels = [.. rows.Select(static row => row.Label)];
        Weights = [.. rows.Select((row, i) => row.Weight * sets[SetOf[i]].Weight)];
        Groups = [.. rows.Select(static row => row.Group ?? row.Prompt)];
        Target = [.. Enumerable.Range(0, rows.Length).Where(i => !sets[SetOf[i]].IsReplay)];
        Gains = sets.Any(static set => set is { IsReplay: false, Gains: null }) ? null : [.. sets.SelectMany(static set => set.Gains ?? [.. Enumerable.Repeat(double.NaN, set.Rows.Count)])];
        if (Target.Length < Fewest)
        {
            throw new ArgumentException($"There are {Target.Length} labelled prompts of the new domain; at least {Fewest} are needed, and 50 to 200 are sensible.", nameof(sets));
        }

        if (Target.All(i => Labels[i] == Labels[Target[0]]))
        {
            throw new ArgumentException($"All labels of the new domain are {Labels[Target[0]]}, so nothing can be learned from them; label prompts of both kinds.", nameof(sets));
        }

        if (Target.All(i => Groups[i] == Groups[Target[0]]))
        {
            throw new ArgumentException($"All {Target.Length} rows of the new domain are of one group, so that none can be held out from the others; rows of two groups (prompts, unless they name a group) are needed at least.", nameof(sets));
        }
    }

    public IReadOnlyList<AdaptationSet> Sets { get; }

    /// <summary>Gets the index of the set of each row.</summary>
    public int[] SetOf { get; }

    public string[] Prompts { get; }

    public double[] Labels { get; }

    public double[] Weights { get; }

    public string[] Groups { get; }

    /// <summary>Gets the rows of the new domain: those that are not replayed.</summary>
    public int[] Target { get; }

    /// <summary>Gets strong score less weak score for each row, NaN for replayed rows without; <see langword="null"/> if they are not known throughout the new domain.</summary>
    public double[]? Gains { get; }
}
