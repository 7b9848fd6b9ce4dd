namespace RouteLLM.Training;

/// <summary>What becomes of a row that lacks a score of one of the two models.</summary>
public enum MissingScores
{
    /// <summary>The row is left out and counted.</summary>
    Skip,

    /// <summary>The row is an error, and nothing is labelled.</summary>
    Refuse,
}
