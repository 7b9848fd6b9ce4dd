using System.Globalization;

namespace RouteLLM.Training;

/// <summary>Labelled prompts, and what became of the rows that gave none.</summary>
public sealed class LabelingResult
{
    internal LabelingResult(IReadOnlyList<LabeledPrompt> labels, IReadOnlyDictionary<LabelDropReason, int> dropped)
    {
        Labels = labels;
        Dropped = dropped;
        Read = labels.Count + dropped.Values.Sum();
    }

    /// <summary>Gets the labelled prompts, in the order of the rows.</summary>
    public IReadOnlyList<LabeledPrompt> Labels { get; }

    /// <summary>Gets how many rows were left out, by reason; reasons that did not occur are not listed.</summary>
    public IReadOnlyDictionary<LabelDropReason, int> Dropped { get; }

    /// <summary>Gets how many rows were read: those labelled and those left out.</summary>
    public int Read { get; }

    /// <summary>Gets the mean label, weighted: the share of prompts for which the strong model is worth it; NaN if there is none.</summary>
    public double MeanLabel => Labels.Sum(static label => label.Weight * label.Label) / Labels.Sum(static label => label.Weight);

    /// <summary>Says how many rows were labelled and why others were not.</summary>
    /// <returns>One line of text.</returns>
    public override string ToString()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Labels.Count} of {Read} rows labelled");
        return Dropped.Count == 0
            ? text
            : $"{text}; left out: {string.Join(", ", Dropped.OrderBy(static pair => pair.Key).Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {Describe(pair.Key)}")))}";
    }

    private static string Describe(LabelDropReason reason) => reason switch
    {
        LabelDropReason.NoStrongScore => "without a score of the strong model",
        LabelDropReason.NoWeakScore => "without a score of the weak model",
        LabelDropReason.NoScores => "without a score of either model",
        LabelDropReason.NoRating => "without a rating",
        LabelDropReason.NoPrompt => "without a prompt",
        LabelDropReason.OtherModels => "of other models",
        _ => "ties",
    };
}
