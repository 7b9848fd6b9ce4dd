namespace RouteLLM.Internals;

/// <summary>Puts around a policy what the options ask for.</summary>
internal static class PolicyChain
{
    /// <summary>Builds the chain. What is added last is asked first: it sees the request before those it wraps, and their decision after them.</summary>
    /// <param name="policy">The policy that the client was made with.</param>
    /// <param name="routes">All routes.</param>
    /// <param name="options">What to put around it.</param>
    /// <param name="spending">The budgets, or <see langword="null"/>.</param>
    public static IRoutingPolicy Build(IRoutingPolicy policy, IReadOnlyList<ModelRoute> routes, RoutedChatClientOptions options, SpendingPlan? spending)
    {
        if (options.Split is { } split)
        {
            policy = new SplitPolicy(policy, split);
        }

        if (spending is { Scopes.Length: > 0 })
        {
            policy = new BudgetPolicy(policy, spending);
        }

        return policy;
    }
}
