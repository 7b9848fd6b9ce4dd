namespace RouteLLM.Diagnostics;

/// <summary>How good the sampled answers of one route to the prompts of one cluster were judged to be.</summary>
/// <param name="Route">The route that answered.</param>
/// <param name="Cluster">The cluster of prompts, or <see langword="null"/> where no clustered router was asked.</param>
/// <param name="Count">The number of answers judged.</param>
/// <param name="Mean">Their mean score, in [0, 1].</param>
/// <param name="StandardError">The standard error of the mean; NaN for fewer than two answers.</param>
public sealed record LiveQuality(string Route, int? Cluster, long Count, double Mean, double StandardError);
