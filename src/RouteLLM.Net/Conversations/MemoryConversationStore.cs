using System.Collections.Concurrent;

namespace RouteLLM;

/// <summary>Keeps the routes of conversations in this process's memory; a restart forgets them.</summary>
/// <remarks>
/// Bounded: when it holds more than its capacity, what has expired is dropped, and if that is not enough, a tenth of it that would expire first. Both are done when as many keys were added as make it worth
/// while, so that adding takes constant time on average.
/// </remarks>
public sealed class MemoryConversationStore : IConversationStore
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _sweeping = new();
    private readonly int _capacity;
    private readonly TimeProvider _timeProvider;
    private int _count;
    private int _nextSweep;

    /// <summary>Initializes a new instance of the <see cref="MemoryConversationStore"/> class.</summary>
    /// <param name="capacity">How many keys to hold at most, at least 1. The default is 100,000, which take about 20 MB.</param>
    /// <param name="timeProvider">The clock, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is less than 1.</exception>
    public MemoryConversationStore(int capacity = 100_000, TimeProvider? timeProvider = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _nextSweep = Math.Min(capacity, 1024);
    }

    /// <summary>Gets how many keys are held, those included that have expired but were not dropped yet.</summary>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public ValueTask<string?> FindAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        long now = Now;
        if (!_entries.TryGetValue(key, out Entry? entry) || entry.Expires <= now)
        {
            return new((string?)null);
        }

        entry.Expires = now + expiry.Ticks;
        return new(entry.Route);
    }

    /// <inheritdoc/>
    public ValueTask<string> GetOrAddAsync(string key, string route, TimeSpan expiry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(route);
        long now = Now;
        Entry? added = null;
        while (true)
        {
            if (_entries.TryGetValue(key, out Entry? known))
            {
                if (known.Expires > now)
                {
                    known.Expires = now + expiry.Ticks;
                    return new(known.Route);
                }

                added ??= new Entry(route, now + expiry.Ticks);
                if (_entries.TryUpdate(key, added, known))
                {
                    return new(route);
                }
            }
            else
            {
                added ??= new Entry(route, now + expiry.Ticks);
                if (_entries.TryAdd(key, added))
                {
                    if (Interlocked.Increment(ref _count) >= Volatile.Read(ref _nextSweep))
                    {
                        Sweep(now);
                    }

                    return new(route);
                }
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryReplaceAsync(string key, string known, string route, TimeSpan expiry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(route);
        long now = Now;
        return new(_entries.TryGetValue(key, out Entry? entry) && entry.Expires > now && entry.Route == known && _entries.TryUpdate(key, new Entry(route, now + expiry.Ticks), entry));
    }

    private long Now => _timeProvider.GetUtcNow().Ticks;

    private void Sweep(long now)
    {
        if (!_sweeping.TryEnter())
        {
            return;
        }

        try
        {
            List<KeyValuePair<string, Entry>> live = [];
            foreach (KeyValuePair<string, Entry> entry in _entries)
            {
                if (entry.Value.Expires <= now)
                {
                    Remove(entry);
                }
                else
                {
                    live.Add(entry);
                }
            }

            if (live.Count >= _capacity)
            {
                live.Sort(static (a, b) => a.Value.Expires.CompareTo(b.Value.Expires));
                live[..(live.Count - _capacity + Math.Max(_capacity / 10, 1))].ForEach(Remove);
            }

            int count = Volatile.Read(ref _count);
            Volatile.Write(ref _nextSweep, Math.Min(_capacity, Math.Max(count * 2, 1024)));
        }
        finally
        {
            _sweeping.Exit();
        }
    }

    private void Remove(KeyValuePair<string, Entry> entry)
    {
        if (_entries.TryRemove(entry))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private sealed class Entry(string route, long expires)
    {
        private long _expires = expires;

        public string Route { get; } = route;

        public long Expires
        {
            get => Volatile.Read(ref _expires);
            set => Volatile.Write(ref _expires, value);
        }
    }
}
