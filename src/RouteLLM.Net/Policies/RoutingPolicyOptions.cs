namespace RouteLLM;

/// <summary>Options of a policy that chooses among the routes of <see cref="MultiModelRoutingOptions"/>, from which it is made, anew when a configuration changes.</summary>
public abstract class RoutingPolicyOptions
{
    /// <summary>Makes options of a delegate that makes the policy.</summary>
    /// <param name="create">Makes the policy.</param>
    /// <returns>The options.</returns>
    public static RoutingPolicyOptions Create(Func<RoutingPolicyContext, IRoutingPolicy> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        return new DelegateOptions(create);
    }

    /// <summary>Makes the policy.</summary>
    /// <param name="context">The routes and what else the policy may need.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentException">The options do not fit the routes; a changed configuration is then refused.</exception>
    public abstract IRoutingPolicy CreatePolicy(RoutingPolicyContext context);

    /// <summary>Finds what is wrong with the options, before a policy is made of them.</summary>
    /// <param name="options">The options that they belong to.</param>
    /// <returns>One sentence for each error, saying what to change.</returns>
    public virtual IEnumerable<string> FindErrors(MultiModelRoutingOptions options) => [];

    private sealed class DelegateOptions(Func<RoutingPolicyContext, IRoutingPolicy> create) : RoutingPolicyOptions
    {
        public override IRoutingPolicy CreatePolicy(RoutingPolicyContext context) => create(context);
    }
}
