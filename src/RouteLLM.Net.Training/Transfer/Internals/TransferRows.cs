using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>The rows of a transfer study, with what is asked of each.</summary>
internal sealed class TransferRows
{
    public TransferRows(IReadOnlyList<EvaluationRow> rows, TransferOptions options)
    {
        // A source is measured by scores if it has any, and then only on rows that are scored; rated rows of it are still trained on.
        EvaluationRow[] used = [.. rows.Where(row => IsScored(row, options) || row.StrongProbability is not null)];
        Rows = used;
        Skipped = rows.Count - used.Length;
        Sources = [.. used.Select(options.SourceOf)];
        Groups = [.. used.Select(options.GroupOf)];
        CanTrainOn = [.. used.Select(options.CanTrainOn)];
        Measures = used.Index().GroupBy(row => Sources[row.Index]).ToDictionary(
            static source => source.Key,
            source => source.Any(row => IsScored(row.Item, options)) ? TransferMeasure.Apgr : TransferMeasure.RankCorrelation,
            StringComparer.Ordinal);
        Tested = [.. Enumerable.Range(0, used.Length).Where(i => options.CanTestOn(used[i]) && (Measures[Sources[i]] == TransferMeasure.RankCorrelation || IsScored(used[i], options)))];
        TestedSources = [.. Tested.Select(i => Sources[i]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        TrainedSources = [.. Enumerable.Range(0, used.Length).Where(i => CanTrainOn[i]).Select(i => Sources[i]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Require(rows.Count, options);
    }

    public IReadOnlyList<EvaluationRow> Rows { get; }

    public string[] Sources { get; }

    public string[] Groups { get; }

    public bool[] CanTrainOn { get; }

    /// <summary>Gets the indices of the rows that are tested on.</summary>
    public int[] Tested { get; }

    public List<string> TestedSources { get; }

    public List<string> TrainedSources { get; }

    public IReadOnlyDictionary<string, TransferMeasure> Measures { get; }

    /// <summary>Gets how many rows say nothing about the pair.</summary>
    public int Skipped { get; }

    /// <summary>Divides the rows that are tested on: those that are also trained on into folds, by group; the others are one part more.</summary>
    /// <param name="isTrainedOn">Of the rows that may be trained on, those that are.</param>
    /// <param name="options">The number of folds and the seed.</param>
    /// <returns>The part of each row; -1 if it is not tested on.</returns>
    public int[] Parts(Func<int, bool> isTrainedOn, TransferOptions options)
    {
        int[] both = [.. Tested.Where(i => CanTrainOn[i] && isTrainedOn(i))];
        var parts = new int[Rows.Count];
        Array.Fill(parts, -1);
        foreach (int row in Tested)
        {
            parts[row] = options.Folds;
        }

        // A group may be of rows that are trained on and of others; what counts is that no group is on both sides, which predicting sees to.
        string[] groups = [.. both.Select(i => Groups[i])];
        int folds = Math.Min(options.Folds, groups.Distinct(StringComparer.Ordinal).Count());
        int[] foldOf = folds < 1 ? [] : GroupFolds.Deal(groups, folds, options.Seed);
        foreach ((int k, int row) in both.Index())
        {
            parts[row] = foldOf[k];
        }

        return parts;
    }

    private static bool IsScored(EvaluationRow row, TransferOptions options) => row.Scores.ContainsKey(options.StrongModel) && row.Scores.ContainsKey(options.WeakModel);

    private void Require(int given, TransferOptions options)
    {
        if (Rows.Count == 0)
        {
            throw new ArgumentException($"None of {given} rows has scores of both '{options.StrongModel}' and '{options.WeakModel}', or a rating; name the models as the rows do.");
        }

        if (Tested.Length == 0)
        {
            throw new ArgumentException($"None of the {Rows.Count} rows is to be tested on; look at {nameof(TransferOptions.CanTestOn)}.");
        }

        if (TrainedSources.Count == 0)
        {
            throw new ArgumentException($"None of the {Rows.Count} rows may be trained on; look at {nameof(TransferOptions.CanTrainOn)}.");
        }

        if (TrainedSources.Count == 1 && TestedSources.Contains(TrainedSources[0]))
        {
            throw new ArgumentException($"All rows that may be trained on are of the source '{TrainedSources[0]}', so nothing is left when it is left out; add rows of another source, or divide this one ({nameof(TransferOptions.SourceOf)}).");
        }
    }
}
