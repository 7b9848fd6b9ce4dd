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
    /// <param name="pair">Reads their features.</param>
    public static AdaptationFeatures Create(IReadOnlyList<string> texts, AdaptablePair pair)
    {
        (int[] Buckets, float[] Values)[] rows = [.. texts.Select(pair.Read)];
        var occurrences = new Dictionary<int, int>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < rows.Length; i++)
        {
            foreach (int bucket in seen.Add(texts[i]) ? rows[i].Buckets : [])
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
            (int[] own, float[] weighted) = rows[i];
            double squares = weighted.Sum(static value => (double)value * value);
            double scale = squares > 0 ? 1 / Math.Sqrt(squares) : 0;

            // What the router gives no weight cannot be corrected.
            int[] kept = [.. Enumerable.Range(0, own.Length).Where(k => weighted[k] != 0 && columnOf.ContainsKey(own[k]))];
            columns[i] = [.. kept.Select(k => columnOf[own[k]])];
            values[i] = [.. kept.Select(k => (float)(weighted[k] * scale))];
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
