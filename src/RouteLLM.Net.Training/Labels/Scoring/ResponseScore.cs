namespace RouteLLM.Training;

/// <summary>What a scorer says of an answer.</summary>
/// <param name="Score">The score, in [0, 1].</param>
/// <param name="Cost">What it cost.</param>
public sealed record ResponseScore(double Score, CallCost Cost);
