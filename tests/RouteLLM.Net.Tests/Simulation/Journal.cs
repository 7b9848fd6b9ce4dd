using System.Collections.Concurrent;

namespace RouteLLM.Tests.Simulation;

/// <summary>Who was asked what, and what must never happen.</summary>
internal sealed class Journal
{
    private readonly ConcurrentDictionary<string, Entry> _open = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private long _calls;

    /// <summary>Gets what must never happen and did; empty in a run that went well.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Gets the number of calls of providers.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Gets or sets the thread on which everything must happen, or <see langword="null"/> for any.</summary>
    public int? Thread { get; set; }

    /// <summary>Gets or sets the most calls that may be made for one question.</summary>
    public int MaxAttempts { get; set; } = int.MaxValue;

    /// <summary>Gets or sets a value indicating whether there is a record of each request, by <see cref="JournalObserver"/>.</summary>
    public bool HasRecords { get; set; }

    /// <summary>Gets the number of questions that have not ended.</summary>
    public int OpenQuestions => _open.Count;

    public void Violate(string what) => _violations.Enqueue(what);

    public void Open(string question)
    {
        if (!_open.TryAdd(question, new()))
        {
            Violate($"{question}: asked twice");
        }
    }

    /// <summary>Notes a call of a provider.</summary>
    /// <returns>How often it was asked this before.</returns>
    public int NoteCall(string question, string provider, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (Thread is { } thread && thread != Environment.CurrentManagedThreadId)
        {
            Violate($"{question}: {provider} was called on another thread");
        }

        // On many threads the token may have been cancelled just now.
        if (Thread is not null && cancellationToken.IsCancellationRequested)
        {
            Violate($"{question}: {provider} was called with a token already cancelled");
        }

        if (!_open.TryGetValue(question, out Entry? entry))
        {
            // As with a hedge that was overtaken on many threads, and told so before it got here.
            if (Thread is not null || !cancellationToken.IsCancellationRequested)
            {
                Violate($"{question}: {provider} was called after the request had ended");
            }

            return 0;
        }

        List<string> calls = entry.Calls;
        lock (calls)
        {
            calls.Add(provider);
            if (calls.Count > MaxAttempts)
            {
                Violate($"{question}: {calls.Count} calls ({string.Join(", ", calls)})");
            }

            return calls.Count(called => called == provider) - 1;
        }
    }

    /// <summary>Gives the providers called so far for a question that has not ended.</summary>
    public IReadOnlyList<string> CallsOf(string question)
    {
        List<string> calls = _open[question].Calls;
        lock (calls)
        {
            return [.. calls];
        }
    }

    /// <summary>Ends a question.</summary>
    /// <returns>The providers that were called for it, in order.</returns>
    public IReadOnlyList<string> Close(string question)
    {
        if (!_open.TryRemove(question, out Entry? entry))
        {
            Violate($"{question}: ended twice");
            return [];
        }

        lock (entry.Calls)
        {
            return [.. entry.Calls];
        }
    }

    /// <summary>Notes what an observer was told of a question.</summary>
    public void NoteRecord(string question, RouteRecord record)
    {
        if (!_open.TryGetValue(question, out Entry? entry))
        {
            Violate($"{question}: recorded after the request had ended");
        }
        else if (Interlocked.Exchange(ref entry.Record, record) is not null)
        {
            Violate($"{question}: recorded twice");
        }
    }

    /// <summary>Checks that what the caller saw is what was recorded.</summary>
    public void CheckRecord(string question, RouteOutcome? outcome)
    {
        if (!HasRecords)
        {
            return;
        }

        Entry entry = _open[question];
        RouteRecord? record = Volatile.Read(ref entry.Record);
        if (record is null)
        {
            // Of a request that was cancelled before anything was decided there is none.
            if (outcome is not null || entry.Calls.Count > 0)
            {
                Violate($"{question}: not recorded");
            }

            return;
        }

        if ((record.Cost ?? 0, record.Usage?.TotalTokenCount) != (outcome?.Cost ?? 0, outcome?.Usage?.TotalTokenCount))
        {
            Violate($"{question}: recorded with {record.Cost} USD and {record.Usage?.TotalTokenCount} tokens, but the caller was told of {outcome?.Cost} USD and {outcome?.Usage?.TotalTokenCount}");
        }
    }

    private sealed class Entry
    {
        public RouteRecord? Record;

        public List<string> Calls { get; } = [];
    }
}
