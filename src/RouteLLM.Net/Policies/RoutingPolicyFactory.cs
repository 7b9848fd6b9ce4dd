namespace RouteLLM;

/// <summary>Makes the policy that chooses among the routes of <see cref="MultiModelRoutingOptions"/>, anew when a configuration changes.</summary>
public abstract class RoutingPolicyFactory
{
    /// <summary>Makes a factory of a delegate.</summary>
    /// <param name="create">Makes the policy.</param>
    /// <returns>The factory.</returns>
    public static RoutingPolicyFactory Create(Func<RoutingPolicyContext, IRoutingPolicy> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return new DelegateFactory(create);
    }

    /// <summary>Makes the policy.</summary>
    /// <param name="context">The routes and what else the policy may need.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentException">The policy does not fit the routes; a changed configuration is then refused.</exception>
    public abstract IRoutingPolicy CreatePolicy(RoutingPolicyContext context);

    /// <summary>Finds what is wrong before a policy is made.</summary>
    /// <param name="options">The options that the factory belongs to.</param>
    /// <returns>One sentence for each error, saying what to change.</returns>
    public virtual IEnumerable<string> FindErrors(MultiModelRoutingOptions options) => [];

    private sealed class DelegateFactory(Func<RoutingPolicyContext, IRoutingPolicy> create) : RoutingPolicyFactory
    {
        public override IRoutingPolicy CreatePolicy(RoutingPolicyContext context) => create(context);
    }
}
