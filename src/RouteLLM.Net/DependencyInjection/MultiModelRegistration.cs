using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using RouteLLM.Internals;

namespace RouteLLM.DependencyInjection;

/// <summary>A registered client with any number of models.</summary>
internal sealed class MultiModelRegistration(object? serviceKey) : RoutingRegistration<MultiModelRoutingOptions>(serviceKey)
{
    public override IEnumerable<string> FindErrors(MultiModelRoutingOptions options, IServiceProvider services)
    {
        foreach (string error in options.FindErrors())
        {
            yield return error;
        }

        if (services.GetService<IServiceProviderIsKeyedService>() is { } keyed)
        {
            foreach (ModelRouteOptions route in options.Routes.Where(route => route.Client is null && !keyed.IsKeyedService(typeof(IChatClient), route.ClientKey ?? route.Name)))
            {
                string key = route.ClientKey ?? route.Name;
                yield return $"No chat client is registered under the key \"{key}\" for the route '{route.Name}': register it with AddKeyedChatClient(\"{key}\", ...), or set the route's {nameof(ModelRouteOptions.Client)}.";
            }
        }
    }

    protected override Func<MultiModelRoutingOptions, RoutingPlan> MakePlans(IServiceProvider services, RoutingState state)
    {
        // A route that stays in the configuration keeps its client, and what its middleware remembers, whatever else of it changes.
        var made = new Dictionary<(string Name, string? Key), ModelRoute>();
        TimeProvider timeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;
        return options =>
        {
            ModelRoute[] routes = [.. options.Routes.Select(route => MakeRoute(route, made, services))];
            var context = new RoutingPolicyContext(routes, options, timeProvider, services);
            IRoutingPolicy policy = options.Policy.CreatePolicy(context)
                ?? throw new InvalidOperationException($"{options.Policy.GetType().Name}.{nameof(RoutingPolicyFactory.CreatePolicy)} returned null; it must return a policy.");
            return new RoutingPlan(routes, policy, options, context.Routers, timeProvider: timeProvider, state: state);
        };
    }

    private static ModelRoute MakeRoute(ModelRouteOptions options, Dictionary<(string Name, string? Key), ModelRoute> made, IServiceProvider services)
    {
        if (!made.TryGetValue((options.Name, options.ClientKey), out ModelRoute? route))
        {
            IChatClient client = options.Client is { } factory
                ? factory(services) ?? throw new InvalidOperationException($"The client factory of the route '{options.Name}' returned null; it must return a chat client.")
                : services.GetRequiredKeyedService<IChatClient>(options.ClientKey ?? options.Name);
            route = options.Middleware is null ? new ModelRoute(options.Name, client) { OwnsClient = false } : new ModelRoute(options.Name, client, options.Middleware) { OwnsClient = false };
            made.Add((options.Name, options.ClientKey), route);
        }

        return route.With(options.ModelId, options.Profile);
    }
}
