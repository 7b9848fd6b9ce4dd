using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Simulation;

/// <summary>What came of a simulation.</summary>
internal sealed class SimulationReport
{
    private readonly ConcurrentDictionary<string, int> _ends = new();
    private readonly Dictionary<(string? Tenant, string Route), Spent> _spent = [];
    private int _fingerprint;

    /// <summary>Gets how many questions ended how: <c>answered</c>, <c>rescued</c> (after a failure), <c>left</c>, <c>cancelled</c>, <c>broken off</c>, or the name of an exception.</summary>
    public IReadOnlyDictionary<string, int> Ends => _ends;

    /// <summary>Gets what the outcomes that callers saw say was used and spent, by tenant and the route that answered; also of answers that broke off or were left.</summary>
    public IReadOnlyDictionary<(string? Tenant, string Route), Spent> Spending => _spent;

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

    public void NoteUsage(string? tenant, RouteOutcome outcome)
    {
        if (outcome.Usage is not { } usage)
        {
            return;
        }

        lock (_spent)
        {
            Spent known = _spent.GetValueOrDefault((tenant, outcome.Route)) ?? new(0, 0, 0, 0);
            _spent[(tenant, outcome.Route)] = new(known.Calls + 1, known.InputTokens + (usage.InputTokenCount ?? 0), known.OutputTokens + (usage.OutputTokenCount ?? 0), known.Cost + (outcome.Cost ?? 0));
        }
    }

    public override string ToString() => string.Join(", ", _ends.OrderBy(static end => end.Key, StringComparer.Ordinal).Select(static end => $"{end.Key} {end.Value}"));

    /// <summary>What a tenant spent on a route.</summary>
    public sealed record Spent(long Calls, long InputTokens, long OutputTokens, decimal Cost);
}
