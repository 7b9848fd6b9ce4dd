using System.Collections.Concurrent;

namespace RouteLLM.Tests.Simulation;

/// <summary>Who was asked what, and what must never happen.</summary>
internal sealed class Journal
{
    private readonly ConcurrentDictionary<string, List<string>> _open = new();
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

    public void Violate(string what) => _violations.Enqueue(what);

    public void Open(string question)
    {
        if (!_open.TryAdd(question, []))
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

        if (!_open.TryGetValue(question, out List<string>? calls))
        {
            // As with a hedge that was overtaken on many threads, and told so before it got here.
            if (Thread is not null || !cancellationToken.IsCancellationRequested)
            {
                Violate($"{question}: {provider} was called after the request had ended");
            }

            return 0;
        }

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
        List<string> calls = _open[question];
        lock (calls)
        {
            return [.. calls];
        }
    }

    /// <summary>Ends a question.</summary>
    /// <returns>The providers that were called for it, in order.</returns>
    public IReadOnlyList<string> Close(string question)
    {
        if (!_open.TryRemove(question, out List<string>? calls))
        {
            Violate($"{question}: ended twice");
            return [];
        }

        lock (calls)
        {
            return [.. calls];
        }
    }
}
