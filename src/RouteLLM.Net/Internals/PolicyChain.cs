namespace RouteLLM.Internals;

/// <summary>Puts around a policy what the options ask for.</summary>
internal static class PolicyChain
{
    /// <summary>Builds the chain. What is added last is asked first: it sees the request before those it wraps, and their decision after them.</summary>
    /// <param name="policy">The policy that the client was made with.</param>
    /// <param name="routes">All routes.</param>
    /// <param name="options">What to put around it.</param>
    /// <param name="spending">The budgets, or <see langword="null"/>.</param>
    /// <param name="conversations">What knows the routes of conversations, or <see langword="null"/>.</param>
    /// <param name="ranks">Tells the stronger of two routes.</param>
    /// <param name="state">What the client has learned.</param>
    /// <param name="timeProvider">The clock.</param>
    public static IRoutingPolicy Build(
        IRoutingPolicy policy,
        IReadOnlyList<ModelRoute> routes,
        RoutedChatClientOptions options,
        SpendingPlan? spending,
        ConversationMemory? conversations,
        ConversationRanks ranks,
        RoutingState state,
        TimeProvider timeProvider)
    {
        if (options.AdaptiveThreshold is { } adaptive)
        {
            policy = new AdaptivePolicy(policy, state.AdaptiveThreshold, WithLedger(adaptive, routes, spending, timeProvider), timeProvider);
        }

        // Around the adaptive threshold, which would else pass for one that the request asked for, and hide a variant's own.
        if (options.Split is { } split)
        {
            policy = new SplitPolicy(policy, split);
        }

        if (spending is { Scopes.Length: > 0 })
        {
            policy = new BudgetPolicy(policy, spending);
        }

        policy = RulesPolicy.Wrap(policy, routes, options);

        if (conversations is { Affinity: not ConversationAffinity.None })
        {
            policy = new ConversationPolicy(policy, conversations, ranks, routes);
        }

        return ConstraintPolicy.Wrap(policy, routes, options, timeProvider);
    }

    private static AdaptiveThresholdOptions WithLedger(AdaptiveThresholdOptions adaptive, IReadOnlyList<ModelRoute> routes, SpendingPlan? spending, TimeProvider timeProvider) =>
        adaptive is { MonthlyBudget: not null, Spent: null } && spending is not null ? adaptive.With(new MonthlySpending(spending.Ledger, routes, timeProvider).Spent) : adaptive;
}
