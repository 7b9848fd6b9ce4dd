using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Simulation;

/// <summary>What came of a simulation.</summary>
internal sealed class SimulationReport
{
    private readonly ConcurrentDictionary<string, int> _ends = new();
    private long _inputTokens;
    private long _outputTokens;
    private long _costs;
    private int _fingerprint;

    /// <summary>Gets how many questions ended how: <c>answered</c>, <c>rescued</c> (after a failure), <c>left</c>, <c>cancelled</c>, <c>broken off</c>, or the name of an exception.</summary>
    public IReadOnlyDictionary<string, int> Ends => _ends;

    /// <summary>Gets the tokens that the outcomes of answers say were used.</summary>
    public (long Input, long Output) Tokens => (Interlocked.Read(ref _inputTokens), Interlocked.Read(ref _outputTokens));

    /// <summary>Gets what the outcomes of answers say they cost, in nano-USD.</summary>
    public long NanoDollars => Interlocked.Read(ref _costs);

    /// <summary>Gets a number that is the same for two runs in which the same questions ended in the same order in the same way after the same calls.</summary>
    public int Fingerprint => _fingerprint;

    public int this[string end] => _ends.GetValueOrDefault(end);

    public void Note(string question, string end, IReadOnlyList<string> calls)
    {
        _ends.AddOrUpdate(end, 1, static (_, count) => count + 1);
        lock (_ends)
        {
            _fingerprint = Seeds.Mix(_fingerprint, Seeds.Of(question), Seeds.Of(end), Seeds.Of(string.Join(',', calls)));
        }
    }

    public void NoteUsage(RouteOutcome outcome)
    {
        UsageDetails? usage = outcome.Usage;
        Interlocked.Add(ref _inputTokens, usage?.InputTokenCount ?? 0);
        Interlocked.Add(ref _outputTokens, usage?.OutputTokenCount ?? 0);
        Interlocked.Add(ref _costs, (long)((outcome.Cost ?? 0) * 1_000_000_000));
    }

    public override string ToString() => string.Join(", ", _ends.OrderBy(static end => end.Key, StringComparer.Ordinal).Select(static end => $"{end.Key} {end.Value}"));
}
