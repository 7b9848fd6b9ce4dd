namespace RouteLLM.Internals;

/// <summary>Lists, after the two routes that a policy chooses between, all others, strongest first, so that they are tried when those two fail.</summary>
internal sealed class FailoverOrderPolicy(IRoutingPolicy inner, IReadOnlyList<ModelRoute> routes, ModelRoute strong, ModelRoute weak) : IRoutingPolicy
{
    private readonly ModelRoute[] _strongFirst = [strong, weak, .. routes.Where(route => route != strong && route != weak)];
    private readonly ModelRoute[] _weakFirst = [weak, strong, .. routes.Where(route => route != strong && route != weak)];

    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ValueTask<RouteDecision> decision = inner.DecideAsync(request, cancellationToken);
        return decision.IsCompletedSuccessfully ? new(Complete(decision.Result)) : CompleteAsync(decision);
    }

    private async ValueTask<RouteDecision> CompleteAsync(ValueTask<RouteDecision> decision) => Complete(await decision.ConfigureAwait(false));

    private RouteDecision Complete(RouteDecision decision) => decision.With(decision.Routes[0] == strong ? _strongFirst : _weakFirst);
}
