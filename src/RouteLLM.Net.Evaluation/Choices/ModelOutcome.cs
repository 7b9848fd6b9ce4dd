namespace RouteLLM.Evaluation;

/// <summary>What one model answers alone, and how often it was chosen.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Share">The share of prompts that were sent to it.</param>
/// <param name="Quality">Its mean score on all prompts.</param>
/// <param name="Cost">The mean cost of its answer in USD, or <see langword="null"/> if it is not known of every row.</param>
public sealed record ModelOutcome(string Model, double Share, double Quality, double? Cost);
