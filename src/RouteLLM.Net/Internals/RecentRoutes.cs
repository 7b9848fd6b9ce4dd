using System.Collections.Concurrent;

namespace RouteLLM.Internals;

/// <summary>Remembers, by a key, which route made something. Thread-safe.</summary>
/// <remarks>Bounded: holds the 10,000 to 20,000 keys used last, in two generations of which the older is dropped as a whole.</remarks>
internal sealed class RecentRoutes
{
    private const int GenerationSize = 10_000;

    private readonly Lock _turnover = new();
    private Generation _young = new();
    private Generation _old = new();

    public string? Find(string key)
    {
        if (Volatile.Read(ref _young).Routes.TryGetValue(key, out string? route))
        {
            return route;
        }

        if (Volatile.Read(ref _old).Routes.TryGetValue(key, out route))
        {
            Add(key, route);
        }

        return route;
    }

    public void Add(string key, string route)
    {
        Generation young = Volatile.Read(ref _young);
        if (!young.Routes.TryAdd(key, route))
        {
            young.Routes[key] = route;
        }
        else if (Interlocked.Increment(ref young.Count) >= GenerationSize)
        {
            TurnOver(young);
        }
    }

    private void TurnOver(Generation full)
    {
        lock (_turnover)
        {
            if (ReferenceEquals(full, _young))
            {
                Volatile.Write(ref _old, full);
                Volatile.Write(ref _young, new());
            }
        }
    }

    /// <summary>Keys that came at about the same time, and their number, which a concurrent dictionary does not give cheaply.</summary>
    private sealed class Generation
    {
        public int Count;

        public ConcurrentDictionary<string, string> Routes { get; } = new(StringComparer.Ordinal);
    }
}
