namespace RouteLLM;

/// <summary>A route that was not called though a decision listed it, or could have, and why.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Cause">What removed it, such as <c>tools</c>, <c>context-window</c>, <c>cooldown</c> or <c>budget</c>.</param>
/// <param name="Detail">Why, in words that do not quote the prompt.</param>
public sealed record RouteSkip(string Route, string Cause, string Detail)
{
    /// <summary>Gets after how long the route can be called again, as far as it is known, or <see langword="null"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
