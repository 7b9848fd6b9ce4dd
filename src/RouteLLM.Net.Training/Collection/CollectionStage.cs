namespace RouteLLM.Training;

/// <summary>What of a collection failed.</summary>
public enum CollectionStage
{
    /// <summary>A model's answer.</summary>
    Answer,

    /// <summary>The score of an answer.</summary>
    Judgement,
}
