namespace RouteLLM;

/// <summary>What a policy expects of a route for one request.</summary>
/// <param name="Route">The route.</param>
/// <param name="Quality">The predicted quality of its answer, in [0, 1].</param>
/// <param name="Cost">The expected cost of its answer in USD.</param>
public readonly record struct RouteEstimate(ModelRoute Route, double Quality, decimal Cost);
