namespace RouteLLM;

/// <summary>How a <see cref="SimilarityWeightedRouter"/> predicts from weighted battles.</summary>
public enum SimilarityWeightedMethod
{
    /// <summary>
    /// A Bradley-Terry model of tiers of models, fitted for each prompt to all battles, each weighing 10 * 10^(similarity / largest similarity); what RouteLLM calls <c>sw_ranking</c>.
    /// </summary>
    BradleyTerry,

    /// <summary>
    /// The mean outcome of the battles between the two models' tiers, each weighing its similarity where that is positive: sum of s * y over sum of s, y being 1 if the strong side won, 1/2 for
    /// a tie, 0 if the weak side won. Needs no fit, and follows the near battles more closely.
    /// </summary>
    MeanOutcome,
}
