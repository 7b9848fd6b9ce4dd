namespace RouteLLM;

/// <summary>A route that was not called though a decision listed it, or could have, and why.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Cause">What removed it, such as <c>tools</c>, <c>context-window</c>, <c>cooldown</c> or <c>budget</c>.</param>
/// <param name="Detail">Why, in words that do not quote the prompt.</param>
public sealed record RouteSkip(string Route, string Cause, string Detail);
