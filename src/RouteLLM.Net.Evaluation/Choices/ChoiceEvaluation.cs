namespace RouteLLM.Evaluation;

/// <summary>What choosing a model for every prompt comes to, overall and by source; made by <see cref="ModelChoiceEvaluator"/>.</summary>
/// <param name="Models">The models there were to choose from.</param>
/// <param name="Scale">The scale of scores and qualities.</param>
/// <param name="Overall">The outcome on all rows.</param>
/// <param name="Slices">The outcome on parts of the rows, by name.</param>
/// <param name="SkippedRows">How many rows were left out because a model is not scored on them.</param>
public sealed record ChoiceEvaluation(IReadOnlyList<string> Models, ScoreScale Scale, ChoiceSlice Overall, IReadOnlyList<ChoiceSlice> Slices, int SkippedRows);
