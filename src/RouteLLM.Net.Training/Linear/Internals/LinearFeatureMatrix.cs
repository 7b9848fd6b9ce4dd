namespace RouteLLM.Training;

/// <summary>The weighted features of many texts, divided by their norm as a <see cref="LinearModel"/> divides them: a sparse matrix with one row a text and one column a bucket that gets a weight.</summary>
internal sealed class LinearFeatureMatrix
{
    private readonly int[] _starts;
    private readonly int[] _columns;
    private readonly float[] _values;

    private LinearFeatureMatrix(int[] starts, int[] columns, float[] values, int[] buckets, float[] weights, float[] unseenWeights)
    {
        _starts = starts;
        _columns = columns;
        _values = values;
        Buckets = buckets;
        Weights = weights;
        UnseenWeights = unseenWeights;
    }

    public int Rows => _starts.Length - 1;

    /// <summary>Gets the bucket of each column, ascending.</summary>
    public int[] Buckets { get; }

    /// <summary>Gets the weight of each column before normalisation.</summary>
    public float[] Weights { get; }

    /// <summary>Gets the weight of buckets that are no column, one number a block.</summary>
    public float[] UnseenWeights { get; }

    public ReadOnlySpan<int> Columns(int row) => _columns.AsSpan(_starts[row].._starts[row + 1]);

    public ReadOnlySpan<float> Values(int row) => _values.AsSpan(_starts[row].._starts[row + 1]);

    public static LinearFeatureMatrix Create(IReadOnlyList<string> texts, LinearTrainingOptions options)
    {
        var read = new (int[] Buckets, float[] Values)[texts.Count];
        var frequencies = new int[HashedTextFeatures.BucketCount];
        for (int i = 0; i < read.Length; i++)
        {
            int[] buckets = LinearText.Read(options.Features, texts[i], out ReadOnlySpan<float> values).ToArray();
            read[i] = (buckets, values.ToArray());
            foreach (int bucket in buckets)
            {
                frequencies[bucket]++;
            }
        }

        // Stored as halves in the artifact, so rounded to them before anything is fitted.
        var columnOf = new int[HashedTextFeatures.BucketCount];
        var columns = new List<int>();
        var weights = new List<float>();
        for (int bucket = 0; bucket < frequencies.Length; bucket++)
        {
            columnOf[bucket] = -1;
            if (frequencies[bucket] >= options.MinimumTexts)
            {
                columnOf[bucket] = columns.Count;
                columns.Add(bucket);
                weights.Add(Weight(bucket, frequencies[bucket]));
            }
        }

        float[] unseen = options.Features == LinearFeatures.TfIdf ? [0, 0, 0, 0] : [.. HashedTextFeatures.BlockEnds.ToArray().Select(end => Weight(end - 1, 0))];
        var starts = new int[read.Length + 1];
        var usedColumns = new List<int>();
        var usedValues = new List<float>();
        for (int i = 0; i < read.Length; i++)
        {
            (int[] buckets, float[] values) = read[i];
            double squares = 0;
            for (int k = 0; k < buckets.Length; k++)
            {
                int column = columnOf[buckets[k]];
                float weight = column >= 0 ? weights[column] : unseen[HashedTextFeatures.BlockOf(buckets[k])];
                values[k] *= weight;
                squares += values[k] * values[k];
            }

            float scale = squares > 0 ? (float)(1 / Math.Sqrt(squares)) : 0;
            for (int k = 0; k < buckets.Length; k++)
            {
                if (columnOf[buckets[k]] >= 0)
                {
                    usedColumns.Add(columnOf[buckets[k]]);
                    usedValues.Add(values[k] * scale);
                }
            }

            starts[i + 1] = usedColumns.Count;
        }

        return new LinearFeatureMatrix(starts, [.. usedColumns], [.. usedValues], [.. columns], [.. weights], unseen);

        float Weight(int bucket, int frequency) =>
            (float)(Half)(LinearText.InverseDocumentFrequency(texts.Count, frequency) * BlockWeight(HashedTextFeatures.BlockOf(bucket)));

        double BlockWeight(int block) => block switch { 0 => options.ShapeWeight, 2 => options.SubwordWeight, _ => 1 };
    }

    /// <summary>Gives the inner product of a row and a vector that may be longer.</summary>
    public double Dot(int row, ReadOnlySpan<double> vector)
    {
        double sum = 0;
        ReadOnlySpan<int> columns = Columns(row);
        ReadOnlySpan<float> values = Values(row);
        for (int k = 0; k < columns.Length; k++)
        {
            sum += values[k] * vector[columns[k]];
        }

        return sum;
    }

    /// <summary>Adds a multiple of a row to a vector that may be longer.</summary>
    public void Add(int row, double times, Span<double> vector)
    {
        ReadOnlySpan<int> columns = Columns(row);
        ReadOnlySpan<float> values = Values(row);
        for (int k = 0; k < columns.Length; k++)
        {
            vector[columns[k]] += values[k] * times;
        }
    }
}
