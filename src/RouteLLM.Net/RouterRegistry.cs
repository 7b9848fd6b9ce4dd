using System.Collections.Concurrent;

namespace RouteLLM;

/// <summary>Routers by name, for clients that are put together by hand; a host has one made of its keyed services.</summary>
/// <remarks>
/// The built-in router is there from the start as <c>builtin</c> and, until another is added under it, as <c>mf</c>, the name RouteLLM's users know.
/// Thread-safe.
/// </remarks>
public sealed class RouterRegistry : IRouterRegistry
{
    /// <summary>The name of the built-in router.</summary>
    public const string BuiltInName = "builtin";

    /// <summary>The name under which RouteLLM's users ask for matrix factorisation.</summary>
    internal const string MatrixFactorizationName = "mf";

    private readonly ConcurrentDictionary<string, IRouter> _routers = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => [.. WithBuiltIn(_routers.Keys)];

    /// <summary>Adds a router, or replaces the one of that name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="router">The router.</param>
    /// <returns>This registry.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public RouterRegistry Add(string name, IRouter router)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(router);
        _routers[name] = router;
        return this;
    }

    /// <inheritdoc/>
    public IRouter? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _routers.TryGetValue(name, out IRouter? router) ? router : FindBuiltIn(name);
    }

    internal static IRouter? FindBuiltIn(string name) => name is BuiltInName or MatrixFactorizationName ? BuiltInRouter.Create() : null;

    internal static SortedSet<string> WithBuiltIn(IEnumerable<string> names) => new(names, StringComparer.Ordinal) { BuiltInName, MatrixFactorizationName };
}
