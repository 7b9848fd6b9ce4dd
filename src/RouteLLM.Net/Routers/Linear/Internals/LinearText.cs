namespace RouteLLM;

/// <summary>Reads the features of a text for a linear model, before they are weighted by document frequency.</summary>
internal static class LinearText
{
    [ThreadStatic]
    private static int[]? t_buckets;

    [ThreadStatic]
    private static float[]? t_values;

    /// <summary>Reads the features of a text.</summary>
    /// <param name="features">Which.</param>
    /// <param name="text">The text.</param>
    /// <param name="values">Receives the value of each feature.</param>
    /// <returns>The distinct buckets. Both spans are valid until the thread reads another text.</returns>
    public static ReadOnlySpan<int> Read(LinearFeatures features, ReadOnlySpan<char> text, out ReadOnlySpan<float> values)
    {
        int[] buckets = t_buckets ??= new int[HashedTextFeatures.MaxFeatures];
        float[] all = t_values ??= new float[HashedTextFeatures.MaxFeatures];
        int count;
        if (features == LinearFeatures.Binary)
        {
            count = HashedTextFeatures.Read(text, new HashedFeatureWriter(buckets));
            all.AsSpan(0, count).Fill(1);
        }
        else
        {
            count = HashedTextFeatures.Read(text, new HashedFeatureCounter(buckets, all));
            foreach (ref float value in all.AsSpan(0, count))
            {
                value = ValueOf(features, (int)value);
            }
        }

        values = all.AsSpan(0, count);
        return buckets.AsSpan(0, count);
    }

    /// <summary>Gives the value of a feature that occurs so often.</summary>
    public static float ValueOf(LinearFeatures features, int frequency) => features == LinearFeatures.Binary || frequency == 1 ? 1 : 1 + MathF.Log(frequency);

    /// <summary>Gives the weight of a feature by the number of documents it occurs in.</summary>
    public static double InverseDocumentFrequency(int documents, int frequency) => 1 + Math.Log((1.0 + documents) / (1 + frequency));
}
