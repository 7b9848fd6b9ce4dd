namespace RouteLLM;

/// <summary>Counts how often each feature of the body occurs; the counts are kept per thread and zero between uses.</summary>
internal ref struct HashedFeatureCounter : IHashedFeatureSink
{
    [ThreadStatic]
    private static ushort[]? t_counts;

    private readonly Span<int> _buckets;
    private readonly Span<float> _frequencies;
    private readonly ushort[] _counts;
    private int _count;

    /// <param name="buckets">Receives the distinct buckets.</param>
    /// <param name="frequencies">Receives how often each of them occurs.</param>
    public HashedFeatureCounter(Span<int> buckets, Span<float> frequencies)
    {
        _buckets = buckets;
        _frequencies = frequencies;
        _counts = t_counts ??= new ushort[HashedTextFeatures.BucketCount];
    }

    public readonly void BeginToken(int start, int length)
    {
    }

    public void AddBody(uint hash, int firstToken, int tokenCount)
    {
        int bucket = HashedTextFeatures.BodyBucket(hash);
        if (_counts[bucket]++ == 0)
        {
            _buckets[_count++] = bucket;
        }
    }

    public readonly void AddSubword(uint hash, int token, int start)
    {
    }

    public readonly void AddEnd(uint hash, int firstToken, int tokenCount, string label)
    {
    }

    public readonly void AddShape(int bucket, string label, int value)
    {
    }

    public readonly int Complete()
    {
        for (int i = 0; i < _count; i++)
        {
            ref ushort count = ref _counts[_buckets[i]];
            _frequencies[i] = count;
            count = 0;
        }

        return _count;
    }
}
