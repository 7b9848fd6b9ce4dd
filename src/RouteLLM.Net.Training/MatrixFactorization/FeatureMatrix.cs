namespace RouteLLM.Training;

/// <summary>The weighted, normalised features of many texts: a sparse matrix with one row a text and one column a bucket that occurs often enough.</summary>
internal sealed class FeatureMatrix
{
    private readonly int[] _starts;
    private readonly int[] _columns;
    private readonly float[] _values;

    private FeatureMatrix(int[] starts, int[] columns, float[] values, int[] buckets, float[] bucketWeights)
    {
        _starts = starts;
        _columns = columns;
        _values = values;
        Buckets = buckets;
        BucketWeights = bucketWeights;
    }

    public int Rows => _starts.Length - 1;

    /// <summary>Gets the bucket of each column.</summary>
    public int[] Buckets { get; }

    /// <summary>Gets each bucket's weight before normalisation: its inverse document frequency, times a factor for features of shape.</summary>
    public float[] BucketWeights { get; }

    public ReadOnlySpan<int> Columns(int row) => _columns.AsSpan(_starts[row].._starts[row + 1]);

    public ReadOnlySpan<float> Values(int row) => _values.AsSpan(_starts[row].._starts[row + 1]);

    /// <summary>Extracts the features of texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="minimumTexts">In how many texts a bucket must occur to get a column.</param>
    /// <param name="shapeWeight">What the weights of features of shape are multiplied by.</param>
    /// <param name="subwordWeight">What the weights of subwords are multiplied by.</param>
    public static FeatureMatrix Create(IReadOnlyList<string> texts, int minimumTexts, double shapeWeight, double subwordWeight)
    {
        var features = new int[texts.Count][];
        var frequencies = new int[HashedTextFeatures.BucketCount];
        var buffer = new int[HashedTextFeatures.MaxFeatures];
        for (int i = 0; i < features.Length; i++)
        {
            features[i] = buffer[..HashedTextFeatures.Extract(texts[i], buffer)];
            foreach (int bucket in features[i])
            {
                frequencies[bucket]++;
            }
        }

        // Stored as halves in the artifact, so rounded to them before anything is fitted.
        double[] blockWeights = [shapeWeight, 1, subwordWeight, 1];
        var weights = new float[HashedTextFeatures.BucketCount];
        var columnOf = new int[HashedTextFeatures.BucketCount];
        var buckets = new List<int>();
        for (int bucket = 0; bucket < weights.Length; bucket++)
        {
            // Buckets too rare to be used are taken to occur once, so that they need not be stored one by one.
            int frequency = frequencies[bucket] >= minimumTexts ? frequencies[bucket] : 1;
            double idf = 1 + Math.Log((1.0 + texts.Count) / (1 + frequency));
            weights[bucket] = (float)(Half)(idf * blockWeights[HashedTextFeatures.BlockOf(bucket)]);
            columnOf[bucket] = frequencies[bucket] >= minimumTexts ? buckets.Count : -1;
            if (columnOf[bucket] >= 0)
            {
                buckets.Add(bucket);
            }
        }

        var starts = new int[features.Length + 1];
        var columns = new List<int>();
        var values = new List<float>();
        for (int i = 0; i < features.Length; i++)
        {
            double squares = 0;
            foreach (int bucket in features[i])
            {
                squares += weights[bucket] * weights[bucket];
            }

            float scale = (float)(1 / Math.Sqrt(squares));
            foreach (int bucket in features[i])
            {
                if (columnOf[bucket] >= 0)
                {
                    columns.Add(columnOf[bucket]);
                    values.Add(weights[bucket] * scale);
                }
            }

            starts[i + 1] = columns.Count;
        }

        return new FeatureMatrix(starts, [.. columns], [.. values], [.. buckets], weights);
    }
}
