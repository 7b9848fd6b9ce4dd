namespace RouteLLM.Internals;

/// <summary>Has each request decided by the variant of a split that its key belongs to.</summary>
internal sealed class SplitPolicy(IRoutingPolicy inner, TrafficSplit split) : IRoutingPolicy
{
    private readonly TrafficSplit _split = split.Copy();

    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        SplitVariant variant = _split.VariantOf(_split.KeyOf(request));
        ValueTask<RouteDecision> decision = (variant.Policy ?? inner).DecideAsync(variant.Apply(request), cancellationToken);
        return decision.IsCompletedSuccessfully ? new(Mark(decision.Result, variant)) : MarkAsync(decision, variant);
    }

    private static RouteDecision Mark(RouteDecision decision, SplitVariant variant) => decision.OfVariant(variant.Name, variant.Step!);

    private static async ValueTask<RouteDecision> MarkAsync(ValueTask<RouteDecision> decision, SplitVariant variant) => Mark(await decision.ConfigureAwait(false), variant);
}
