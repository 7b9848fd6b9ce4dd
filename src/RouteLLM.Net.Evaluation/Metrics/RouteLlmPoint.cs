namespace RouteLLM.Evaluation;

/// <summary>One threshold of RouteLLM's sweep.</summary>
/// <param name="StrongPercentage">The share of prompts sent to the strong model, in percent.</param>
/// <param name="Accuracy">The quality reached, in the benchmark's unit: percent for right and wrong answers, the mean grade for graded ones.</param>
/// <param name="Threshold">The threshold; NaN where it is not known.</param>
public readonly record struct RouteLlmPoint(double StrongPercentage, double Accuracy, double Threshold = double.NaN);
