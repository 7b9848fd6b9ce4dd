using System.Collections.Frozen;

namespace RouteLLM.Internals;

/// <summary>How the calls of one plan are kept from failing, frozen.</summary>
internal sealed class ResiliencePlan
{
    private readonly FrozenDictionary<string, RouteResilience> _routes;

    public ResiliencePlan(IReadOnlyList<ModelRoute> routes, ResilienceOptions options, TimeProvider timeProvider)
    {
        if (options.FindErrors().FirstOrDefault() is { } error)
        {
            throw new ArgumentException(error, nameof(options));
        }

        if (options.Routes.Keys.FirstOrDefault(name => !routes.Any(route => route.Name == name)) is { } unknown)
        {
            throw new ArgumentException(
                $"{nameof(RoutedChatClientOptions.Resilience)}.{nameof(ResilienceOptions.Routes)} has settings for '{unknown}', but there is no such route; the routes are: {string.Join(", ", routes.Select(static route => route.Name))}.", nameof(options));
        }

        MaxAttempts = options.MaxAttempts;
        TotalTimeout = options.TotalTimeout;
        IsTransient = options.IsTransient;
        RetryAfter = options.RetryAfter ?? (error => FailoverErrors.GetRetryAfter(error, timeProvider));
        NextRandom = options.NextRandom;
        TimeProvider = timeProvider;
        _routes = routes.ToFrozenDictionary(
            static route => route.Name, route => new RouteResilience(this, route, options.Routes.TryGetValue(route.Name, out RouteResilienceOptions? own) ? own : options), StringComparer.Ordinal);
    }

    public int MaxAttempts { get; }

    public TimeSpan? TotalTimeout { get; }

    public Func<Exception, bool> IsTransient { get; }

    public Func<Exception, TimeSpan?> RetryAfter { get; }

    public Func<double> NextRandom { get; }

    public TimeProvider TimeProvider { get; }

    /// <summary>Gets what is known of the deployments; set when a client takes the plan up.</summary>
    public DeploymentHealth Health { get; private set; } = null!;

    /// <summary>Makes the plan that a client needs: none if neither its options nor its routes ask for anything.</summary>
    public static ResiliencePlan? Create(IReadOnlyList<ModelRoute> routes, ResilienceOptions? options, TimeProvider timeProvider) =>
        options is not null || routes.Any(static route => route.Deployments.Count > 0) ? new(routes, options ?? new(), timeProvider) : null;

    /// <summary>Gives the settings of a route; of one that a policy made up itself, none.</summary>
    public RouteResilience? Find(ModelRoute route) => _routes.TryGetValue(route.Name, out RouteResilience? found) && ReferenceEquals(found.Route, route) ? found : null;

    /// <summary>Takes over what is known of the deployments.</summary>
    public void Bind(DeploymentHealth health)
    {
        Health = health;
        foreach (RouteResilience route in _routes.Values)
        {
            route.Bind(health);
        }
    }
}
