using System.Collections.Frozen;

namespace RouteLLM.Internals;

/// <summary>Tells which of two routes is the stronger: the one listed earlier.</summary>
internal sealed class ConversationRanks(IReadOnlyList<ModelRoute> routes)
{
    private readonly FrozenDictionary<string, int> _ranks = routes.Select(static (route, rank) => (route.Name, rank)).ToFrozenDictionary(static pair => pair.Name, static pair => pair.rank, StringComparer.Ordinal);

    public bool Knows(string route) => _ranks.ContainsKey(route);

    public bool IsStronger(string route, string than) => _ranks[route] < _ranks[than];
}
