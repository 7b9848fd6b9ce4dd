using System.Diagnostics.Metrics;

namespace RouteLLM.Diagnostics;

/// <summary>The share of strong decisions among the latest, kept without a lock in a ring.</summary>
internal sealed class StrongShareWindow
{
    private readonly sbyte[] _ring = new sbyte[1000];
    private int _next = -1;
    private int _count;
    private int _strong;

    public void Add(bool strong)
    {
        int slot = (int)((uint)Interlocked.Increment(ref _next) % (uint)_ring.Length);

        // 0 is empty, 1 strong, -1 weak.
        sbyte before = Interlocked.Exchange(ref _ring[slot], strong ? (sbyte)1 : (sbyte)-1);
        if (before == 0)
        {
            Interlocked.Increment(ref _count);
        }

        int change = (strong ? 1 : 0) - (before == 1 ? 1 : 0);
        if (change != 0)
        {
            Interlocked.Add(ref _strong, change);
        }
    }

    public IEnumerable<Measurement<double>> Observe()
    {
        int count = Volatile.Read(ref _count);
        return count == 0 ? [] : [new((double)Volatile.Read(ref _strong) / count)];
    }
}
