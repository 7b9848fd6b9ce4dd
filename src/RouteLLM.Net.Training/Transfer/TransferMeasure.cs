namespace RouteLLM.Training;

/// <summary>What a router is measured by on a source.</summary>
public enum TransferMeasure
{
    /// <summary>The average performance gap recovered, where both models are scored; a random router has 0.5.</summary>
    Apgr,

    /// <summary>Spearman's rank correlation with the ratings, where prompts are only rated; a random router has 0.</summary>
    RankCorrelation,
}
