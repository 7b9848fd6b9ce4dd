namespace RouteLLM;

/// <summary>Collects distinct buckets. The set of those already seen is a bitmap that fits the first-level cache, kept per thread and empty between uses.</summary>
internal ref struct HashedFeatureWriter : IHashedFeatureSink
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

    public readonly void BeginToken(int start, int length)
    {
    }

    public void AddBody(uint hash, int firstToken, int tokenCount) => Add(HashedTextFeatures.BodyBucket(hash));

    public void AddSubword(uint hash, int token, int start) => Add(HashedTextFeatures.SubwordBucket(hash));

    public void AddEnd(uint hash, int firstToken, int tokenCount, string label) => Add(HashedTextFeatures.EndBucket(hash));

    public void AddShape(int bucket, string label, int value) => Add(bucket);

    /// <summary>Empties the set for its next use.</summary>
    public readonly int Complete()
    {
        foreach (int bucket in _buckets[.._count])
        {
            _seen[bucket >> 6] = 0;
        }

        return _count;
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
