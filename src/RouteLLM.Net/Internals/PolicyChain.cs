namespace RouteLLM.Internals;

/// <summary>Puts around a policy what the options ask for.</summary>
internal static class PolicyChain
{
    /// <summary>Builds the chain. What is added last is asked first: it sees the request before those it wraps, and their decision after them.</summary>
    /// <param name="policy">The policy that the client was made with.</param>
    /// <param name="routes">All routes.</param>
    /// <param name="options">What to put around it.</param>
    /// <param name="timeProvider">The clock.</param>
    public static IRoutingPolicy Build(IRoutingPolicy policy, IReadOnlyList<ModelRoute> routes, RoutedChatClientOptions options, TimeProvider timeProvider)
    {
        if (string.Join(" ", options.FindPolicyErrors()) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, nameof(options));
        }

        policy = RulesPolicy.Wrap(policy, routes, options);
        return ConstraintPolicy.Wrap(policy, routes, options, timeProvider);
    }
}
