namespace RouteLLM.Evaluation;

/// <summary>One request to calibrate on. What is not known is NaN.</summary>
internal readonly record struct CalibrationSample(double WinProbability, double StrongScore, double WeakScore, double StrongCost, double WeakCost, string? Group);
