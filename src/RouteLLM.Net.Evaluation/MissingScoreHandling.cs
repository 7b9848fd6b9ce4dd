namespace RouteLLM.Evaluation;

/// <summary>What becomes of a row that says nothing of the models evaluated.</summary>
public enum MissingScoreHandling
{
    /// <summary>It is an error.</summary>
    Refuse,

    /// <summary>It is left out, and counted.</summary>
    Skip,
}
