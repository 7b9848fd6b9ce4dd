namespace RouteLLM.Evaluation;

/// <summary>How a router does on a data set, overall and by source; made by <see cref="RouterEvaluator"/>. Commands, reports and gates read from it.</summary>
public sealed class RouterEvaluation
{
    internal RouterEvaluation(RouterMetadata? router, EvaluationOptions options, EvaluatedRow[] rows, IReadOnlyDictionary<string, List<EvaluatedRow>> slices, int skippedRows, CancellationToken cancellationToken)
    {
        Router = router?.Name ?? "unnamed";
        Fingerprint = router?.Fingerprint;
        (StrongModel, WeakModel, Scale, Confidence) = (options.StrongModel, options.WeakModel, options.Scale, options.Bootstrap.Confidence);
        SkippedRows = skippedRows;
        Threshold = options.Threshold ?? OrderStatistics.ThresholdForStrongShare(rows.Select(static row => row.WinProbability), options.StrongShare);
        Overall = new EvaluationSlice("overall", rows, Threshold, options, cancellationToken);
        Slices = [.. slices.OrderBy(static slice => slice.Key, StringComparer.Ordinal).Select(slice => new EvaluationSlice(slice.Key, [.. slice.Value], Threshold, options, cancellationToken))];
    }

    /// <summary>Gets the router's name.</summary>
    public string Router { get; }

    /// <summary>Gets the hash of the router's artifact, or <see langword="null"/>.</summary>
    public string? Fingerprint { get; }

    /// <summary>Gets the name of the strong model.</summary>
    public string StrongModel { get; }

    /// <summary>Gets the name of the weak model.</summary>
    public string WeakModel { get; }

    /// <summary>Gets the scale of scores and qualities.</summary>
    public ScoreScale Scale { get; }

    /// <summary>Gets the threshold of the operating points, overall and in every slice.</summary>
    public double Threshold { get; }

    /// <summary>Gets the confidence of the intervals.</summary>
    public double Confidence { get; }

    /// <summary>Gets how many rows were left out because they say nothing of these models.</summary>
    public int SkippedRows { get; }

    /// <summary>Gets how the router does on all rows together.</summary>
    public EvaluationSlice Overall { get; }

    /// <summary>Gets how the router does on parts of the rows, by name; by default the sources and the sets that they are part of.</summary>
    public IReadOnlyList<EvaluationSlice> Slices { get; }

    /// <summary>Finds a slice by its name.</summary>
    /// <param name="name">The name; <c>overall</c> is that of all rows.</param>
    /// <returns>The slice, or <see langword="null"/> if there is none of that name.</returns>
    public EvaluationSlice? FindSlice(string name) => name == Overall.Name ? Overall : Slices.FirstOrDefault(slice => slice.Name == name);
}
