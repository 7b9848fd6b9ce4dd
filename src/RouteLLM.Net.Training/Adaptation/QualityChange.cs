using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>A measure before and after adapting, on the same rows.</summary>
/// <param name="Before">The original router's.</param>
/// <param name="After">The adapted router's, each row scored by one that was adapted without the row's group.</param>
/// <param name="Difference">A 95% bootstrap interval of after less before, over groups of rows.</param>
public readonly record struct QualityChange(double Before, double After, BootstrapInterval Difference);
