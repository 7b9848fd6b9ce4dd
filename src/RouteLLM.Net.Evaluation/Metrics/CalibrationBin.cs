namespace RouteLLM.Evaluation;

/// <summary>The predictions that fall into one bin of a reliability diagram.</summary>
/// <param name="Low">Where the bin begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Count">How many predictions it holds.</param>
/// <param name="MeanPrediction">Their mean; NaN if there are none.</param>
/// <param name="MeanOutcome">The mean of what happened; NaN if there are none.</param>
public readonly record struct CalibrationBin(double Low, double High, int Count, double MeanPrediction, double MeanOutcome);
