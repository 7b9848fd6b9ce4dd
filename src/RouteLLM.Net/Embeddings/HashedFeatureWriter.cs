namespace RouteLLM;

/// <summary>Collects distinct buckets. The set of those already seen is a bitmap that fits the first-level cache, kept per thread and empty between uses.</summary>
internal ref struct HashedFeatureWriter
{
    [ThreadStatic]
    private static ulong[]? t_seen;

    private readonly Span<int> _buckets;
    private readonly ulong[] _seen;
    private int _count;

    public HashedFeatureWriter(Span<int> buckets)
    {
        _buckets = buckets;
        _seen = t_seen ??= new ulong[HashedTextFeatures.BucketCount / 64];
    }

    public void AddShape(int bucket) => Add(bucket);

    public void AddEnd(uint hash) =>
        Add(HashedTextFeatures.ShapeBuckets + Scale(hash, HashedTextFeatures.BodyStart - HashedTextFeatures.ShapeBuckets));

    public void AddBody(uint hash) =>
        Add(HashedTextFeatures.BodyStart + Scale(hash, HashedTextFeatures.BucketCount - HashedTextFeatures.BodyStart));

    /// <summary>Empties the set for its next use.</summary>
    public readonly int Complete()
    {
        foreach (int bucket in _buckets[.._count])
        {
            _seen[bucket >> 6] = 0;
        }

        return _count;
    }

    private static int Scale(uint hash, int size)
    {
        // The finalizer of MurmurHash3: neighbouring inputs end up far apart.
        hash ^= hash >> 16;
        hash *= 0x85EBCA6B;
        hash ^= hash >> 13;
        hash *= 0xC2B2AE35;
        hash ^= hash >> 16;
        return (int)(((ulong)hash * (uint)size) >> 32);
    }

    private void Add(int bucket)
    {
        // Written always and counted only if new: there is no branch to mispredict.
        ref ulong word = ref _seen[bucket >> 6];
        _buckets[_count] = bucket;
        _count += (int)((~word >> (bucket & 63)) & 1);
        word |= 1UL << (bucket & 63);
    }
}
