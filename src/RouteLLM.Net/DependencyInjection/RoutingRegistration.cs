using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RouteLLM.Internals;

namespace RouteLLM.DependencyInjection;

/// <summary>One registered routed client: where its models' clients come from, and how it is made.</summary>
internal abstract class RoutingRegistration<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(object? serviceKey)
    where TOptions : RoutedChatClientOptions
{
    private int _hinted;

    /// <summary>Gets the name of the options.</summary>
    public string Name { get; } = serviceKey?.ToString() ?? Options.DefaultName;

    /// <summary>Gives what is wrong with the options and with what they refer to, each sentence saying what to change.</summary>
    public abstract IEnumerable<string> FindErrors(TOptions options, IServiceProvider services);

    public RoutedChatClient CreateClient(IServiceProvider services) =>
        SelfReferenceGuard.Make(this, () => $"the routed chat client{(serviceKey is null ? "" : $" '{serviceKey}'")}", () => Create(services));

    /// <summary>Says which routes that the options of features name there are not. A plan refuses them too; here, so that a host does not start with them.</summary>
    protected static IEnumerable<string> FindUnknownRoutes(TOptions options, string[] routes) =>
        (options.Resilience?.Routes.Keys.Select(static name => (Name: name, Where: "Resilience.Routes")) ?? [])
            .Concat(options.Spending?.Budgets.Where(static budget => budget.Route is not (null or Budget.Each)).Select(static budget => (Name: budget.Route!, Where: $"the budget '{budget.Name}'")) ?? [])
            .Concat(options.Rules.Where(static rule => rule?.Route is not null).Select(static rule => (Name: rule.Route!, Where: "a rule")))
            .Where(named => !routes.Contains(named.Name))
            .Select(named => $"There is no route '{named.Name}', which {named.Where} names; the routes are: {string.Join(", ", routes)}.");

    /// <summary>Gives what makes a plan of options, for one client; the models' clients are made once.</summary>
    protected abstract Func<TOptions, RoutingPlan> MakePlans(IServiceProvider services, RoutingState state);

    private RoutedChatClient Create(IServiceProvider services)
    {
        LiveRoutingOptions<TOptions> options = services.GetRequiredKeyedService<LiveRoutingOptions<TOptions>>(this);
        Func<TOptions, RoutingPlan> makePlan = MakePlans(services, options.State);

        // A client that is made per scope gives its hints once, not for every scope.
        bool hint = Interlocked.Exchange(ref _hinted, 1) == 0;
        RoutedChatClient? client = null;
        options.Follow(
            current =>
            {
                if (client is null)
                {
                    client = new RoutedChatClient(makePlan(current), services.GetService<ILoggerFactory>(), services.GetService<IMeterFactory>(), hint);
                }
                else
                {
                    client.Follow(makePlan(current));
                }
            },
            out Action stopFollowing);
        client!.OnDispose(stopFollowing);
        return client;
    }
}
