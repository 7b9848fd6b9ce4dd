using System.Globalization;
using System.Text;

namespace RouteLLM.Training;

/// <summary>What a collection will ask for and what that is estimated to cost, to be looked at before it starts. Making a plan calls nothing.</summary>
public sealed class CollectionPlan
{
    internal CollectionPlan(AnswerCollector collector, IReadOnlyList<CollectionPrompt> prompts, IReadOnlyList<CollectionPlanPart> models, CollectionPlanPart? scorer, CallCost spentEarlier)
    {
        Collector = collector;
        Prompts = prompts;
        Models = models;
        Scorer = scorer;
        SpentEarlier = spentEarlier;
    }

    /// <summary>Gets the prompts.</summary>
    public IReadOnlyList<CollectionPrompt> Prompts { get; }

    /// <summary>Gets the answers of each model, in the models' order.</summary>
    public IReadOnlyList<CollectionPlanPart> Models { get; }

    /// <summary>Gets the judgements, or <see langword="null"/> if answers are not scored. Those of answers that are still missing are estimated from the answers' expected lengths.</summary>
    public CollectionPlanPart? Scorer { get; }

    /// <summary>Gets what the journal records of earlier runs.</summary>
    public CallCost SpentEarlier { get; }

    /// <summary>Gets what is estimated to be paid for all that is missing, in USD, without what has no known price (see <see cref="Unpriced"/>).</summary>
    /// <remarks>Tokens are estimated from the prompts' lengths, four bytes a token, and the expected lengths of answers; retries of failed calls are not counted in.</remarks>
    public decimal EstimatedUsd => Parts.Sum(static part => part.EstimatedUsd ?? 0);

    /// <summary>Gets the names of the models or the scorer that something will be asked of but whose price is not known.</summary>
    public IReadOnlyList<string> Unpriced => [.. Parts.Where(static part => part.EstimatedUsd is null).Select(static part => part.Name)];

    /// <summary>Gets how many answers and judgements are missing.</summary>
    public int Missing => Parts.Sum(static part => part.Missing);

    internal AnswerCollector Collector { get; }

    private IEnumerable<CollectionPlanPart> Parts => Scorer is null ? Models : Models.Append(Scorer);

    /// <summary>Writes the plan as a small table.</summary>
    /// <returns>Several lines of text.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Prompts.Count} prompts\n");
        foreach (CollectionPlanPart part in Parts)
        {
            string price = part.EstimatedUsd is { } usd ? string.Create(CultureInfo.InvariantCulture, $"about {usd:0.0000} USD") : "price not known";
            text.Append(CultureInfo.InvariantCulture, $"  {part.Name}: {part.Missing} of {part.Total} {(part == Scorer ? "judgements" : "answers")} to ask for, {price}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"  together: about {EstimatedUsd:0.0000} USD");
        if (SpentEarlier.Calls > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", on top of {SpentEarlier.Usd:0.0000} USD spent before");
        }

        return text.ToString();
    }
}
