namespace RouteLLM.Evaluation;

/// <summary>A mean over simulated requests, and what it rests on.</summary>
/// <param name="Mean">The mean over measured and estimated requests.</param>
/// <param name="Measured">Of how many requests it is known: logged, or given in the row.</param>
/// <param name="Estimated">Of how many it was estimated: from tokens and prices, or as the mean of the requests that did take that route.</param>
/// <param name="Unknown">Of how many it is not known, and which are not in the mean.</param>
public sealed record SimulatedMean(double Mean, long Measured, long Estimated, long Unknown);
