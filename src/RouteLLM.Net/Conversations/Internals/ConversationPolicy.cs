using System.Collections.Frozen;

namespace RouteLLM.Internals;

/// <summary>Keeps the turns of a conversation on its route, or has them move up only.</summary>
internal sealed class ConversationPolicy : IRoutingPolicy
{
    private readonly IRoutingPolicy _inner;
    private readonly ConversationMemory _memory;
    private readonly ConversationRanks _ranks;

    // A turn that stays needs nothing of the request, so that one decision a route serves all.
    private readonly FrozenDictionary<string, RouteDecision> _staying;

    public ConversationPolicy(IRoutingPolicy inner, ConversationMemory memory, ConversationRanks ranks, IReadOnlyList<ModelRoute> routes)
    {
        _inner = inner;
        _memory = memory;
        _ranks = ranks;
        _staying = routes.ToFrozenDictionary(
            static route => route.Name, route => new RouteDecision([route, .. routes.Where(other => other != route)], RouteReasons.Conversation), StringComparer.Ordinal);
    }

    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
        ConversationMemory.KeyOf(request) is { } key ? DecideInConversationAsync(key, request, cancellationToken) : _inner.DecideAsync(request, cancellationToken);

    private async ValueTask<RouteDecision> DecideInConversationAsync(string key, RouteRequest request, CancellationToken cancellationToken)
    {
        string? name = await _memory.FindAsync(key, cancellationToken).ConfigureAwait(false);
        if (name is null || !_staying.TryGetValue(name, out RouteDecision? staying))
        {
            return await _inner.DecideAsync(request, cancellationToken).ConfigureAwait(false);
        }

        if (_memory.Affinity == ConversationAffinity.Stay)
        {
            return staying;
        }

        RouteDecision decision = await _inner.DecideAsync(request, cancellationToken).ConfigureAwait(false);
        ModelRoute current = staying.Routes[0];
        return decision.Routes[0] == current ? decision
            : _ranks.IsStronger(decision.Routes[0].Name, name) ? decision.With(step: new("conversation", $"moves up from {name}"))
            : decision.With([current, .. decision.Routes.Where(route => route != current)], RouteReasons.Conversation, new("conversation", $"stays on {name} instead of moving down to {decision.Routes[0].Name}"));
    }
}
