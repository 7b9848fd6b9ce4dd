namespace RouteLLM.Training;

/// <summary>The normalised features of the rows as a sparse matrix: one column a bucket that occurs in at least two texts.</summary>
internal sealed class AdaptationFeatures
{
    // What occurs in one text alone could only learn that text by heart.
    private const int MinimumTexts = 2;

    private readonly int[][] _columns;
    private readonly float[][] _values;

    private AdaptationFeatures(int[][] columns, float[][] values, int[] buckets)
    {
        _columns = columns;
        _values = values;
        Buckets = buckets;
    }

    /// <summary>Gets a matrix without columns.</summary>
    public static AdaptationFeatures None { get; } = new([], [], []);

    /// <summary>Gets the bucket of each column.</summary>
    public int[] Buckets { get; }

    /// <summary>Creates the matrix.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="bucketWeights">The router's own weight of each bucket before normalisation.</param>
    public static AdaptationFeatures Create(IReadOnlyList<string> texts, ReadOnlySpan<float> bucketWeights)
    {
        var rows = new int[texts.Count][];
        var occurrences = new Dictionary<int, int>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var buffer = new int[HashedTextFeatures.MaxFeatures];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = buffer[..HashedTextFeatures.Extract(texts[i], buffer)];
            foreach (int bucket in seen.Add(texts[i]) ? rows[i] : [])
            {
                occurrences[bucket] = occurrences.GetValueOrDefault(bucket) + 1;
            }
        }

        int[] buckets = [.. occurrences.Where(static pair => pair.Value >= MinimumTexts).Select(static pair => pair.Key).Order()];
        Dictionary<int, int> columnOf = buckets.Index().ToDictionary(static pair => pair.Item, static pair => pair.Index);
        var columns = new int[rows.Length][];
        var values = new float[rows.Length][];
        for (int i = 0; i < rows.Length; i++)
        {
            double squares = 0;
            foreach (int bucket in rows[i])
            {
                squares += bucketWeights[bucket] * bucketWeights[bucket];
            }

            float scale = (float)(1 / Math.Sqrt(squares));
            int[] kept = [.. rows[i].Where(columnOf.ContainsKey)];
            columns[i] = [.. kept.Select(bucket => columnOf[bucket])];
            values[i] = new float[kept.Length];
            for (int k = 0; k < kept.Length; k++)
            {
                values[i][k] = bucketWeights[kept[k]] * scale;
            }
        }

        return new AdaptationFeatures(columns, values, buckets);
    }

    public double Dot(int row, ReadOnlySpan<float> vector)
    {
        int[] columns = _columns[row];
        float[] values = _values[row];
        double sum = 0;
        for (int k = 0; k < columns.Length; k++)
        {
            sum += values[k] * vector[columns[k]];
        }

        return sum;
    }

    public void AddTo(int row, double times, Span<float> vector)
    {
        int[] columns = _columns[row];
        float[] values = _values[row];
        float factor = (float)times;
        for (int k = 0; k < columns.Length; k++)
        {
            vector[columns[k]] += factor * values[k];
        }
    }
}
