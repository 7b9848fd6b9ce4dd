namespace RouteLLM.Training;

/// <summary>What the classifiers of a <see cref="ClusteredModel"/> learn from.</summary>
public enum ClusterLabels
{
    /// <summary>
    /// The model with the highest score; of several with the same, the cheapest. Where many prompts are easy or too hard for all, the cheapest is the most frequent label by far, and the model chosen for a prompt saves cost rather than gains quality.
    /// </summary>
    BestModel,

    /// <summary>
    /// A distribution over the models: the softmax of their scores divided by <see cref="ClusteredModelTrainingOptions.RewardTemperature"/>, as Zooter distils rewards (Lu et al., "Routing to the Expert: Efficient Reward-guided Ensemble of Large
    /// Language Models", 2023). Models that are equally good share the probability.
    /// </summary>
    RewardDistribution,
}
