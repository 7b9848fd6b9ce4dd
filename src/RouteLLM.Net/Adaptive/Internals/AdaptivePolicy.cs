namespace RouteLLM.Internals;

/// <summary>Gives the policy that it wraps the threshold that holds a share or a budget, and learns from what comes of it.</summary>
internal sealed class AdaptivePolicy(IRoutingPolicy inner, AdaptiveThreshold threshold, AdaptiveThresholdOptions options, TimeProvider timeProvider) : IRoutingPolicy
{
    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        RouteOverrides? overrides = request.Overrides;
        if (overrides is { Threshold: not null } or { StrongShare: not null } or { Router: not null })
        {
            return inner.DecideAsync(request, cancellationToken);
        }

        double? adapted = threshold.Threshold(options, timeProvider.GetUtcNow());
        RouteRequest asked = adapted is null ? request : request.Adjust((overrides ?? new()) with { Threshold = adapted });
        ValueTask<RouteDecision> decision = inner.DecideAsync(asked, cancellationToken);
        return decision.IsCompletedSuccessfully ? new(Learn(decision.Result, adapted)) : LearnAsync(decision, adapted);
    }

    private async ValueTask<RouteDecision> LearnAsync(ValueTask<RouteDecision> decision, double? adapted) => Learn(await decision.ConfigureAwait(false), adapted);

    private RouteDecision Learn(RouteDecision decision, double? adapted)
    {
        if (decision is { WinProbability: { } score, Threshold: { } applied })
        {
            threshold.Learn(options, timeProvider.GetUtcNow(), score, score >= applied, adapted is not null);
        }

        return decision;
    }
}
