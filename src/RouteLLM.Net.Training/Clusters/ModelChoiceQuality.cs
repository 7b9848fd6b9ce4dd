namespace RouteLLM.Training;

/// <summary>How good it is to call the models that something chose.</summary>
/// <param name="Accuracy">The share of rows for which no model scored higher than the chosen one.</param>
/// <param name="LabelAccuracy">The share of rows for which the chosen model is the best, ties counting for the cheapest only: whether the label of <see cref="ClusterLabels.BestModel"/> was met.</param>
/// <param name="Quality">The mean score of the chosen models.</param>
public readonly record struct ModelChoiceQuality(double Accuracy, double LabelAccuracy, double Quality);
