using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Makes a <see cref="LadderPolicy"/> over all routes, by thresholds or by shares.</summary>
public sealed class LadderPolicyFactory : RoutingPolicyFactory
{
    internal const string Kind = "ladder";

    /// <summary>Gets or sets the name of the router to ask. The default is the built-in router.</summary>
    public string Router { get; set; } = RouterRegistry.BuiltInName;

    /// <summary>Gets or sets the win probability, in [0, 1], from which each route but the last takes a request, in descending order; or <see langword="null"/>, the default, for <see cref="Shares"/>.</summary>
    public IReadOnlyList<double>? Thresholds { get; set; }

    /// <summary>Gets or sets the share of requests of each route, in [0, 1] and together 1; or <see langword="null"/>, the default, for <see cref="Thresholds"/>.</summary>
    public IReadOnlyList<double>? Shares { get; set; }

    /// <summary>Gets the router's time limit and the fallback.</summary>
    public LadderPolicyOptions Options { get; } = new();

    /// <inheritdoc/>
    public override IRoutingPolicy CreatePolicy(RoutingPolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        IRouter router = TwoModelPlan.FindRouter(context.Routers, Router);
        Options.Routers ??= context.Routers;
        Options.RouterName ??= Router;
        return Shares is null
            ? new LadderPolicy(context.Routes, Thresholds ?? [], router, Options, context.TimeProvider)
            : LadderPolicy.FromShares(context.Routes, Shares, router, Options, context.TimeProvider);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> FindErrors(MultiModelRoutingOptions options)
    {
        if ((Thresholds is null) == (Shares is null))
        {
            yield return "Policy: a ladder needs either Thresholds, one fewer than there are routes, or Shares, one for each route.";
        }

        foreach (string error in Options.FindErrors())
        {
            yield return $"Policy: {error}";
        }
    }
}
