namespace RouteLLM;

/// <summary>Something that led to a decision beside the router: a rule that matched, a route that a constraint removed, a budget that raised the threshold.</summary>
/// <param name="Stage">What acted, such as <c>rule</c>, <c>constraint</c> or <c>budget</c>.</param>
/// <param name="Detail">What it did, in words that do not quote the prompt.</param>
public sealed record DecisionStep(string Stage, string Detail);
