namespace RouteLLM.Training;

/// <summary>What the training of a <see cref="ClusteredModel"/> is at.</summary>
public enum ClusteredTrainingStage
{
    /// <summary>Embedding prompts.</summary>
    Embedding,

    /// <summary>Trying numbers of clusters.</summary>
    ChoosingClusterCount,

    /// <summary>Fitting the model, and others without a part of the rows to see how good it is.</summary>
    Fitting,
}
