namespace RouteLLM;

/// <summary>What a policy is made of: the routes, the options it belongs to, and what the host has.</summary>
public sealed class RoutingPolicyContext
{
    internal RoutingPolicyContext(IReadOnlyList<ModelRoute> routes, MultiModelRoutingOptions options, TimeProvider timeProvider, IServiceProvider services)
    {
        Routes = routes;
        Options = options;
        Routers = options.Routers ?? new RouterRegistry();
        TimeProvider = timeProvider;
        Services = services;
    }

    /// <summary>Gets the routes, strongest first.</summary>
    public IReadOnlyList<ModelRoute> Routes { get; }

    /// <summary>Gets the options that the policy belongs to.</summary>
    public MultiModelRoutingOptions Options { get; }

    /// <summary>Gets the routers by name.</summary>
    public IRouterRegistry Routers { get; }

    /// <summary>Gets the clock.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>Gets the host's services.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Finds a route.</summary>
    /// <param name="name">The route's name.</param>
    /// <returns>The route.</returns>
    /// <exception cref="ArgumentException">There is no such route; the message lists those there are.</exception>
    public ModelRoute FindRoute(string name) =>
        Routes.FirstOrDefault(route => route.Name == name)
        ?? throw new ArgumentException($"There is no route named '{name}'; there are: {string.Join(", ", Routes.Select(static route => route.Name))}.", nameof(name));
}
