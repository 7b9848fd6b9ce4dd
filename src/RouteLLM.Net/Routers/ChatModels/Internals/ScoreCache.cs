namespace RouteLLM;

/// <summary>A bounded cache of scores in memory, in two generations: what was not asked for while a generation filled up is dropped with it.</summary>
/// <param name="capacity">About how many scores to hold, at least 1: between half of it and all of it once it is full.</param>
internal sealed class ScoreCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly int _generation = (capacity + 1) / 2;
    private Dictionary<string, double> _young = new(StringComparer.Ordinal);
    private Dictionary<string, double> _old = new(StringComparer.Ordinal);

    /// <summary>Finds a score.</summary>
    public bool TryGet(string key, out double score)
    {
        lock (_lock)
        {
            if (_young.TryGetValue(key, out score))
            {
                return true;
            }

            if (!_old.Remove(key, out score))
            {
                return false;
            }

            AddYoung(key, score);
            return true;
        }
    }

    /// <summary>Keeps a score.</summary>
    public void Add(string key, double score)
    {
        lock (_lock)
        {
            AddYoung(key, score);
        }
    }

    private void AddYoung(string key, double score)
    {
        if (_young.Count >= _generation)
        {
            (_young, _old) = (_old, _young);
            _young.Clear();
        }

        _young[key] = score;
    }
}
