namespace RouteLLM.Tests.Simulation;

/// <summary>Measures what the process holds in memory at ten moments of a run. To be used where no other test runs at the same time.</summary>
internal sealed class MemoryWatch(int calls)
{
    private readonly List<long> _bytes = [];

    /// <summary>Gets what was held at each tenth of the run, in bytes.</summary>
    public IReadOnlyList<long> Bytes => _bytes;

    /// <summary>Gets how much more was held at the end of the run than at three tenths, when all that is bounded is full.</summary>
    public long Growth => _bytes[^1] - _bytes[2];

    public void Note(int ended)
    {
        if (ended % (calls / 10) == 0)
        {
            long held = GC.GetTotalMemory(forceFullCollection: true);
            lock (_bytes)
            {
                _bytes.Add(held);
            }
        }
    }

    public override string ToString() => string.Join(", ", _bytes.Select(static held => FormattableString.Invariant($"{held / 1e6:0.0}"))) + " MB";
}
