using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Labelled prompts to adapt a router with, and how much they count beside those of other sets.</summary>
public sealed class AdaptationSet
{
    /// <summary>Initializes a new instance of the <see cref="AdaptationSet"/> class.</summary>
    /// <param name="name">The set's name, for the report and the artifact's metadata.</param>
    /// <param name="rows">The labelled prompts.</param>
    /// <param name="weight">What the weight of each row is multiplied by, above 0; 1 by default.</param>
    /// <param name="isReplay">
    /// Whether the rows are from what the router was made for rather than from the new domain. They steady the fit and are reported apart, but do not count in the quality before and after.
    /// </param>
    /// <exception cref="ArgumentException">The weight is not a finite number above 0, or a row has no prompt, a label that is not in [0, 1], or a weight that is not a finite number above 0.</exception>
    public AdaptationSet(string name, IEnumerable<LabeledPrompt> rows, double weight = 1, bool isReplay = false)
        : this(name, rows, null, weight, isReplay)
    {
    }

    private AdaptationSet(string name, IEnumerable<LabeledPrompt> rows, double[]? gains, double weight, bool isReplay)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(rows);
        if (weight is not (> 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, $"The weight of set '{name}' is a finite number above 0; leave the set out if it should not count.");
        }

        (Name, Rows, Gains, Weight, IsReplay) = (name, [.. rows], gains, weight, isReplay);
        for (int i = 0; i < Rows.Count; i++)
        {
            LabeledPrompt row = Rows[i];
            if (row.Prompt is null || row.Label is not (>= 0 and <= 1) || row.Weight is not (> 0 and < double.PositiveInfinity))
            {
                throw new ArgumentException($"Row {i} of set '{name}' has {(row.Prompt is null ? "no prompt" : "a prompt")}, the label {row.Label} and the weight {row.Weight}; expected a prompt, a label in [0, 1] and a finite weight above 0.", nameof(rows));
            }
        }
    }

    /// <summary>Gets the set's name.</summary>
    public string Name { get; }

    /// <summary>Gets the labelled prompts.</summary>
    public IReadOnlyList<LabeledPrompt> Rows { get; }

    /// <summary>Gets, for each row, the strong model's score less the weak one's, or <see langword="null"/> where the models' answers were not scored; APGR is computed from them.</summary>
    public IReadOnlyList<double>? Gains { get; }

    /// <summary>Gets what the weight of each row is multiplied by.</summary>
    public double Weight { get; }

    /// <summary>Gets whether the rows are from what the router was made for.</summary>
    public bool IsReplay { get; }

    /// <summary>Makes a set of evaluation rows.</summary>
    /// <param name="name">The set's name.</param>
    /// <param name="rows">
    /// The rows. Where both models' answers are scored, the label is how much better the strong model's score is, and 0 where it is not; else it is the rated probability.
    /// </param>
    /// <param name="strongModel">The strong model's name in the scores.</param>
    /// <param name="weakModel">The weak model's name in the scores.</param>
    /// <param name="weight">What the weight of each row is multiplied by, above 0; 1 by default.</param>
    /// <param name="isReplay">Whether the rows are from what the router was made for.</param>
    /// <param name="group">The group of a row, whose rows are held out together; each prompt its own if <see langword="null"/>.</param>
    /// <returns>The set.</returns>
    /// <exception cref="ArgumentException">A row has neither both scores nor a rated probability.</exception>
    public static AdaptationSet FromRows(
        string name, IEnumerable<EvaluationRow> rows, string strongModel, string weakModel, double weight = 1, bool isReplay = false, Func<EvaluationRow, string?>? group = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(strongModel);
        ArgumentNullException.ThrowIfNull(weakModel);
        EvaluationRow[] all = [.. rows];
        double[] gains = [.. all.Select(row => row.Scores.TryGetValue(strongModel, out double strong) && row.Scores.TryGetValue(weakModel, out double weak) ? strong - weak : double.NaN)];
        int lacking = Array.FindIndex([.. Enumerable.Range(0, all.Length)], i => all[i].StrongProbability is null && double.IsNaN(gains[i]));
        if (lacking >= 0)
        {
            throw new ArgumentException(
                $"Row '{all[lacking].Id}' of set '{name}' has no score of both {strongModel} and {weakModel}, and no rated probability; its scores are of {(all[lacking].Scores.Count == 0 ? "no model" : string.Join(", ", all[lacking].Scores.Keys))}.",
                nameof(rows));
        }

        IEnumerable<LabeledPrompt> labeled = all.Select((row, i) => new LabeledPrompt(row.Prompt, double.IsNaN(gains[i]) ? row.StrongProbability!.Value : Math.Max(gains[i], 0), Group: group?.Invoke(row)));
        return new AdaptationSet(name, labeled, gains.Any(double.IsNaN) ? null : gains, weight, isReplay);
    }
}
