namespace RouteLLM;

/// <summary>An attempt that is about to be made.</summary>
/// <param name="Request">The request.</param>
/// <param name="Decision">The decision that it carries out.</param>
/// <param name="Route">The route about to be called.</param>
/// <param name="Number">The attempt's number, from 1.</param>
public readonly record struct RouteAttemptContext(RouteRequest Request, RouteDecision Decision, ModelRoute Route, int Number);
