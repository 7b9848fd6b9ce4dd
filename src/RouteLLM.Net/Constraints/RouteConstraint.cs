using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>The constraints that come with the library, and a way to make others.</summary>
public static class RouteConstraint
{
    /// <summary>
    /// Gets the constraint that a route's model can do what the request needs (<see cref="RouteRequest.Needs"/>). A route removed by it has the missing ability as its cause: <c>tools</c>, <c>vision</c>, <c>audio</c>,
    /// <c>structured-output</c> or <c>reasoning</c>. A profile without <see cref="ModelProfile.Abilities"/> is not concerned.
    /// </summary>
    public static IRouteConstraint Abilities { get; } = new AbilityConstraint();

    /// <summary>
    /// Gets the constraint <c>context-window</c>: the request's <see cref="RouteRequest.InputTokens"/> and the output tokens that it asks for fit in the route's <see cref="ModelProfile.ContextWindow"/>. A profile without one is not concerned.
    /// </summary>
    public static IRouteConstraint ContextWindow { get; } = new ContextWindowConstraint();

    /// <summary>Makes a constraint from a delegate.</summary>
    /// <param name="name">The constraint's name.</param>
    /// <param name="findObjection">Says why a route cannot take a request, in words that do not quote the prompt, or <see langword="null"/> if it can.</param>
    /// <returns>The constraint.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public static IRouteConstraint Create(string name, Func<RouteRequest, ModelRoute, string?> findObjection)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(findObjection);
        return new DelegateConstraint(name, findObjection);
    }

    private sealed class DelegateConstraint(string name, Func<RouteRequest, ModelRoute, string?> findObjection) : IRouteConstraint
    {
        public string Name => name;

        public string? FindObjection(RouteRequest request, ModelRoute route) => findObjection(request, route);
    }
}
