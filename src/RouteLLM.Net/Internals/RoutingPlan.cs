using System.Collections.Frozen;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using RouteLLM.Diagnostics;

namespace RouteLLM.Internals;

/// <summary>All that one call needs to know: the routes, the policy and the options, frozen. A changed configuration makes a new plan.</summary>
internal sealed class RoutingPlan
{
    private readonly FrozenDictionary<string, ModelRoute> _routesByName;
    private readonly FrozenDictionary<string, ModelRoute> _routesByModelId;
    private readonly IRouterRegistry _routers;
    private readonly SpendingPlan? _spending;
    private readonly Action<ILogger>? _hint;

    public RoutingPlan(IEnumerable<ModelRoute> routes, IRoutingPolicy policy, RoutedChatClientOptions options, IRouterRegistry? routers = null, Action<ILogger>? hint = null, TimeProvider? timeProvider = null, RoutingState? state = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.PromptSelector);
        ArgumentNullException.ThrowIfNull(options.ShouldFailOver);
        ArgumentNullException.ThrowIfNull(options.TokenCounter);
        Routes = [.. routes];
        if (Routes.Count == 0)
        {
            throw new ArgumentException("At least one route is needed.", nameof(routes));
        }

        if (Routes.GroupBy(static route => route.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two routes are named '{twice.Key}'; every route needs a name of its own.", nameof(routes));
        }

        TimeProvider = timeProvider ?? TimeProvider.System;
        if (string.Join(" ", options.FindFeatureErrors()) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, nameof(options));
        }

        state ??= new();
        var ranks = new ConversationRanks(Routes);
        if (options.Conversations is { } conversations)
        {
            Conversations = new(conversations, conversations.Store ?? state.ConversationsInMemory(TimeProvider), TimeProvider);
            ConversationKey = conversations.Key;
        }

        _spending = options.Spending is { } spending ? new(spending, Routes, TimeProvider) : null;
        Policy = PolicyChain.Build(policy, Routes, options, _spending, Conversations, ranks, state, TimeProvider);
        PromptSelector = options.PromptSelector;
        IgnoreUnknownModelIds = options.IgnoreUnknownModelIds;
        FailOver = options.FailOver;
        ShouldFailOver = options.ShouldFailOver;
        EnableSensitiveData = options.EnableSensitiveData;
        Tenant = options.Tenant;
        User = options.User;
        TokenCounter = options.TokenCounter;
        Gates =
        [
            .. options.Gates,
            .. Conversations is { Affinity: not ConversationAffinity.None } ? [new ConversationGate(Conversations, ranks)] : Array.Empty<IRouteGate>(),

            // Last, so that money is reserved only for what nothing else refuses.
            .. _spending is not null ? [new BudgetGate(_spending)] : Array.Empty<IRouteGate>(),
        ];

        // The log is told last, since others may add to a record how good the answer was.
        Observers =
        [
            .. options.AdaptiveThreshold is { MonthlyBudget: not null } ? [new SpendingObserver(state.AdaptiveThreshold)] : Array.Empty<IRoutingObserver>(),
            .. options.Observers.OrderBy(static observer => observer is DecisionLog),
        ];
        WantsResponse = Array.Exists(Observers, static observer => observer.WantsResponse);
        Resilience = ResiliencePlan.Create(Routes, options.Resilience, TimeProvider);
        Health = state.HealthOf(TimeProvider);
        _routers = routers ?? options.Routers ?? new RouterRegistry();
        _hint = hint;
        if (options.Split is { } split && string.Join(" ", split.FindErrors(_routers)) is { Length: > 0 } splitErrors)
        {
            throw new ArgumentException(splitErrors, nameof(options));
        }

        _routesByName = Routes.ToFrozenDictionary(static route => route.Name, StringComparer.Ordinal);
        _routesByModelId = Routes.Where(static route => route.EffectiveModelId is not null)
            .DistinctBy(static route => route.EffectiveModelId, StringComparer.Ordinal)
            .ToFrozenDictionary(static route => route.EffectiveModelId!, StringComparer.Ordinal);
    }

    public IReadOnlyList<ModelRoute> Routes { get; }

    public IRoutingPolicy Policy { get; }

    /// <summary>Gets what constrains every route, also one that a request belongs to whatever the policy would say; or <see langword="null"/> if nothing does.</summary>
    public ConstraintPolicy? Constraints => Policy as ConstraintPolicy;

    public PromptSelector PromptSelector { get; }

    public bool IgnoreUnknownModelIds { get; }

    public bool FailOver { get; }

    public Func<Exception, bool> ShouldFailOver { get; }

    public bool EnableSensitiveData { get; }

    public Func<IReadOnlyList<ChatMessage>, ChatOptions?, string?>? Tenant { get; }

    public Func<IReadOnlyList<ChatMessage>, ChatOptions?, string?>? User { get; }

    public TokenCounter TokenCounter { get; }

    public IRouteGate[] Gates { get; }

    public IRoutingObserver[] Observers { get; }

    /// <summary>Gets a value indicating whether an observer wants responses, so that the updates of streams are kept.</summary>
    public bool WantsResponse { get; }

    public TimeProvider TimeProvider { get; }

    /// <summary>Gets what knows the routes of conversations, or <see langword="null"/> if they are not kept.</summary>
    public ConversationMemory? Conversations { get; }

    public Func<IReadOnlyList<ChatMessage>, ChatOptions?, string?>? ConversationKey { get; }

    /// <summary>Gets how calls are kept from failing, or <see langword="null"/> if each route is called once at most.</summary>
    public ResiliencePlan? Resilience { get; }

    /// <summary>Gets what is known of the routes' deployments, by all clients that share what they have learned.</summary>
    public DeploymentHealth Health { get; }

    /// <summary>Gets the ledger, or <see langword="null"/> if costs are not counted.</summary>
    public CostLedger? Ledger => _spending?.Ledger;

    /// <summary>Gets what the ledger has learned of the answers of routes, or <see langword="null"/> if there is none.</summary>
    public OutputTokenEstimator? OutputTokens => _spending?.Ledger.OutputTokens;

    public IEnumerable<string> RouterNames => _routers.Names;

    public ModelRoute? FindRoute(string name) => _routesByName.GetValueOrDefault(name);

    public ModelRoute? FindRouteByNameOrModelId(string id) => FindRoute(id) ?? _routesByModelId.GetValueOrDefault(id);

    public bool HasRouter(string name) => _routers.Find(name) is not null;

    /// <summary>Tells the observers of a request that is over. What they throw is logged, and reaches nobody.</summary>
    public void Tell(RouteRecord record, RoutingTelemetry telemetry)
    {
        foreach (IRoutingObserver observer in Observers)
        {
            try
            {
                observer.OnCompleted(record);
            }
            catch (Exception failure)
            {
                telemetry.ObserverFailed(observer, failure, this);
            }
        }
    }

    /// <summary>Says what in this set-up may surprise, once, when a client starts with it.</summary>
    public void Hint(ILogger logger)
    {
        if (!FailOver)
        {
            logger.NoFailoverTarget($"Set {nameof(RoutedChatClientOptions.FailOver)} to true to have another route tried.");
        }
        else if (Routes.SelectMany(static route => route.Clients).Distinct(ReferenceEqualityComparer.Instance).Count() < 2)
        {
            logger.NoFailoverTarget("All routes share one client; give them clients of different providers.");
        }

        _spending?.Hint(logger);
        _hint?.Invoke(logger);
    }
}
