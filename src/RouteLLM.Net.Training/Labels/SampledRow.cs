using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>An evaluation row with the scores of several sampled answers a model, of which the row's own scores are the means.</summary>
/// <param name="Row">The row.</param>
/// <param name="Samples">The scores of each model's sampled answers, by the model's name: any finite numbers, of which more is better.</param>
public sealed record SampledRow(EvaluationRow Row, IReadOnlyDictionary<string, IReadOnlyList<double>> Samples);
