namespace RouteLLM;

/// <summary>Options that policies over predicted qualities and expected costs share.</summary>
public class QualityPolicyOptions : PredictionPolicyOptions
{
    /// <summary>Gets or sets which of the predictor's models each route is, where their names differ. Empty by default.</summary>
    public ModelAliases Aliases { get; set; } = [];

    /// <summary>Gets or sets how many output tokens an answer is expected to have, at least 0, where neither <see cref="OutputTokens"/> nor the client's ledger says. The default is 500.</summary>
    public double ExpectedOutputTokens { get; set; } = 500;

    /// <summary>
    /// Gets or sets what says how many output tokens a route is expected to answer a request with, <see langword="null"/>, the default, or an answer of <see langword="null"/> means what the client's
    /// ledger (<see cref="RoutedChatClientOptions.Spending"/>) has learned from the route's answers, and <see cref="ExpectedOutputTokens"/> until it has. It runs for each route of each request. What the request itself allows (<c>MaxOutputTokens</c>) bounds the number in any case.
    /// </summary>
    public Func<ModelRoute, RouteRequest, double?>? OutputTokens { get; set; }

    /// <summary>Gets or sets the name of the predictor in decisions, or <see langword="null"/>, the default, for the name of its type.</summary>
    public string? PredictorName { get; set; }

    internal override IEnumerable<string> FindErrors()
    {
        foreach (string error in base.FindErrors())
        {
            yield return error;
        }

        if (Aliases is null)
        {
            yield return "Aliases is null; leave it empty if the predictor's names are those of the routes or their models.";
        }

        if (!double.IsFinite(ExpectedOutputTokens) || ExpectedOutputTokens < 0)
        {
            yield return $"ExpectedOutputTokens is {ExpectedOutputTokens}, but it is a number of tokens, at least 0.";
        }
    }
}
