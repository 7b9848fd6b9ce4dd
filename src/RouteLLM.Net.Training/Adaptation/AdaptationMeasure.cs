namespace RouteLLM.Training;

/// <summary>What a learning curve of a router measures.</summary>
public enum AdaptationMeasure
{
    /// <summary>How well prompts are put in order: APGR where answers of both models are scored, else the rank correlation with the labels.</summary>
    Ranking,

    /// <summary>The log loss of the probabilities with its sign turned, so that higher is better; it sees calibration too.</summary>
    LogLoss,
}
