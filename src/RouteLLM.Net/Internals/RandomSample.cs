namespace RouteLLM.Internals;

/// <summary>Picks a share of what passes, at random.</summary>
internal sealed class RandomSample(double share, int? seed)
{
    private readonly Lock _lock = new();
    private readonly Random? _random = seed is { } value ? new(value) : null;

    public bool Next()
    {
        if (share >= 1 || share <= 0)
        {
            return share >= 1;
        }

        if (_random is null)
        {
            return Random.Shared.NextDouble() < share;
        }

        lock (_lock)
        {
            return _random.NextDouble() < share;
        }
    }
}
