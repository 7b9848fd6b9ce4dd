namespace RouteLLM.Training;

/// <summary>How good a <see cref="ClusteredModel"/> is on rows that it was fitted without, by cross-validation, beside what it must beat.</summary>
/// <param name="Clustered">Calling the model that is most probably the best.</param>
/// <param name="Global">The same with the global classifier for every cluster: what the clusters are worth is the difference.</param>
/// <param name="BestSingle">Calling for every row the one model with the highest mean score on the rows that were fitted on.</param>
/// <param name="Random">Calling a model at random.</param>
/// <param name="Best">Calling the best model of every row: what a perfect router would reach.</param>
public sealed record ClusteredModelQuality(ModelChoiceQuality Clustered, ModelChoiceQuality Global, ModelChoiceQuality BestSingle, ModelChoiceQuality Random, ModelChoiceQuality Best);
