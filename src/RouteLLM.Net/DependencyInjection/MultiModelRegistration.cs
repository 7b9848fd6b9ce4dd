using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using RouteLLM.Internals;

namespace RouteLLM.DependencyInjection;

/// <summary>A registered client with any number of models.</summary>
internal sealed class MultiModelRegistration(object? serviceKey) : RoutingRegistration<MultiModelRoutingOptions>(serviceKey)
{
    public override IEnumerable<string> FindErrors(MultiModelRoutingOptions options, IServiceProvider services)
    {
        foreach (string error in options.FindErrors().Concat(FindUnknownRoutes(options, [.. options.Routes.Select(static route => route.Name)])))
        {
            yield return error;
        }

        if (services.GetService<IServiceProviderIsKeyedService>() is { } keyed)
        {
            foreach ((string whose, string key) in KeysOf(options).Where(needed => !keyed.IsKeyedService(typeof(IChatClient), needed.Key)))
            {
                yield return $"No chat client is registered under the key \"{key}\" for the {whose}: register it with AddKeyedChatClient(\"{key}\", ...), or set its {nameof(ModelRouteOptions.Client)}.";
            }
        }
    }

    protected override Func<MultiModelRoutingOptions, RoutingPlan> MakePlans(IServiceProvider services, RoutingState state)
    {
        // A route that stays in the configuration keeps its client, and what its middleware remembers, whatever else of it changes.
        var made = new ClientCache(services);
        TimeProvider timeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;
        return options =>
        {
            ModelRoute[] routes = [.. options.Routes.Select(made.MakeRoute)];
            var context = new RoutingPolicyContext(routes, options, timeProvider, services);
            IRoutingPolicy policy = options.Policy.CreatePolicy(context)
                ?? throw new InvalidOperationException($"{options.Policy.GetType().Name}.{nameof(RoutingPolicyFactory.CreatePolicy)} returned null; it must return a policy.");
            return new RoutingPlan(routes, policy, options, context.Routers, timeProvider: timeProvider, state: state);
        };
    }

    private static IEnumerable<(string Whose, string Key)> KeysOf(MultiModelRoutingOptions options)
    {
        foreach (ModelRouteOptions route in options.Routes)
        {
            if (route.Deployments.Count == 0 && route.Client is null)
            {
                yield return ($"route '{route.Name}'", route.ClientKey ?? route.Name);
            }

            foreach (ModelDeploymentOptions deployment in route.Deployments.Where(static deployment => deployment.Client is null))
            {
                yield return ($"deployment '{deployment.Name}' of the route '{route.Name}'", deployment.ClientKey ?? deployment.Name);
            }
        }
    }

    /// <summary>The clients of one routed client's models, each made once.</summary>
    private sealed class ClientCache(IServiceProvider services)
    {
        private readonly Dictionary<(string Route, string? Key), ModelRoute> _routes = [];
        private readonly Dictionary<(string Route, string Deployment, string? Key), IChatClient> _deployments = [];

        public ModelRoute MakeRoute(ModelRouteOptions options)
        {
            if (options.Deployments.Count > 0)
            {
                return new(options.Name, options.Deployments.Select(deployment => MakeDeployment(options.Name, deployment))) { ModelId = options.ModelId, Profile = options.Profile };
            }

            if (!_routes.TryGetValue((options.Name, options.ClientKey), out ModelRoute? route))
            {
                IChatClient client = Make(options.Client, options.ClientKey ?? options.Name, $"route '{options.Name}'");
                route = options.Middleware is null ? new ModelRoute(options.Name, client) { OwnsClient = false } : new ModelRoute(options.Name, client, options.Middleware) { OwnsClient = false };
                _routes.Add((options.Name, options.ClientKey), route);
            }

            return route.With(options.ModelId, options.Profile);
        }

        private ModelDeployment MakeDeployment(string route, ModelDeploymentOptions options)
        {
            if (!_deployments.TryGetValue((route, options.Name, options.ClientKey), out IChatClient? client))
            {
                client = Make(options.Client, options.ClientKey ?? options.Name, $"deployment '{options.Name}' of the route '{route}'");
                _deployments.Add((route, options.Name, options.ClientKey), client);
            }

            return new(options.Name, client) { Weight = options.Weight, Region = options.Region, ModelId = options.ModelId, OwnsClient = false };
        }

        private IChatClient Make(Func<IServiceProvider, IChatClient>? factory, string key, string whose) =>
            factory is null ? services.GetRequiredKeyedService<IChatClient>(key)
            : factory(services) ?? throw new InvalidOperationException($"The client factory of the {whose} returned null; it must return a chat client.");
    }
}
