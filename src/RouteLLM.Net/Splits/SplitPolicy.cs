namespace RouteLLM;

/// <summary>Has each request decided by the variant of a split that its key belongs to.</summary>
internal sealed class SplitPolicy : IRoutingPolicy
{
    private readonly IRoutingPolicy _inner;
    private readonly TrafficSplit _split;

    public SplitPolicy(IRoutingPolicy inner, TrafficSplit split)
    {
        _inner = inner;

        // A copy: the options are read once.
        _split = new() { Name = split.Name, Variants = [.. split.Variants], Key = split.Key };
    }

    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        SplitVariant variant = _split.VariantOf(_split.KeyOf(request));
        ValueTask<RouteDecision> decision = (variant.Policy ?? _inner).DecideAsync(variant.Apply(request), cancellationToken);
        return decision.IsCompletedSuccessfully ? new(decision.Result.OfVariant(_split.Name, variant.Name)) : MarkAsync(decision, variant.Name);
    }

    private async ValueTask<RouteDecision> MarkAsync(ValueTask<RouteDecision> decision, string variant) =>
        (await decision.ConfigureAwait(false)).OfVariant(_split.Name, variant);
}
