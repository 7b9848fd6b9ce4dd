namespace RouteLLM.Training;

/// <summary>How good it is to call the models that something chose.</summary>
/// <param name="Accuracy">The share of rows for which no model scored higher than the chosen one.</param>
/// <param name="Quality">The mean score of the chosen models.</param>
public readonly record struct ModelChoiceQuality(double Accuracy, double Quality);
