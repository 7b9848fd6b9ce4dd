namespace RouteLLM;

/// <summary>Says which routes can take a request, before anything is preferred.</summary>
/// <remarks>
/// Constraints hold for every route that a request could reach: those that the policy lists, fail-over targets included, and one that the request is pinned to. Implementations must be thread-safe, and fast: they run for every request.
/// </remarks>
public interface IRouteConstraint
{
    /// <summary>Gets the constraint's name, which tells in <see cref="RouteSkip.Cause"/> what removed a route.</summary>
    string Name { get; }

    /// <summary>Tells whether the constraint could ever remove a route. It is asked once, when a client is made; what is answered with <see langword="false"/> costs nothing afterwards.</summary>
    /// <param name="route">The route.</param>
    /// <returns><see langword="true"/>, unless overridden.</returns>
    bool Concerns(ModelRoute route) => true;

    /// <summary>Says why a route cannot take a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="route">The route.</param>
    /// <returns>Why not, in words that do not quote the prompt; or <see langword="null"/> if it can.</returns>
    string? FindObjection(RouteRequest request, ModelRoute route);
}
