namespace RouteLLM.Tests.MatrixFactorization;

/// <summary>Builds artifacts of two dimensions and three models, with faults where a test wants them.</summary>
internal static class TestModel
{
    public static SafetensorsWriter CreateWriter(Action<Half[]>? projection = null, Action<float[]>? items = null, Action<Half[]>? featureWeights = null, float[]? quantiles = null, int biases = 6)
    {
        var w = new Half[HashedTextFeatures.BucketCount * 2];
        for (int i = 0; i < w.Length; i++)
        {
            w[i] = (Half)(((i * 7919L % 2001) / 1000.0) - 1);
        }

        projection?.Invoke(w);
        var weights = new Half[HashedTextFeatures.BucketCount];
        Array.Fill(weights, (Half)1);
        featureWeights?.Invoke(weights);

        // Traffic: models 0, 1, 2; then benchmarks.
        float[] v = [1, 0, -1, 0, 0, 1, 0, 1, 0, -1, 1, 1];
        items?.Invoke(v);
        var writer = new SafetensorsWriter();
        writer.Add("used_buckets", SafetensorsType.U8, [HashedTextFeatures.BucketCount / 8], Enumerable.Repeat(byte.MaxValue, HashedTextFeatures.BucketCount / 8).ToArray());
        writer.Add("other_weights", [4], [1f, 1, 1, 1]);
        writer.Add("projection", [HashedTextFeatures.BucketCount, 2], w);
        writer.Add("feature_weights", [HashedTextFeatures.BucketCount], weights);
        writer.Add("items", [2, 3, 2], v);
        writer.Add("biases", [2, biases / 2], new float[biases]);
        writer.Add("gate", [3], [0f, 0f, 100f]);
        float[] q = quantiles ?? [0, 0.25f, 1];
        writer.Add("quantiles", [q.Length], q);
        writer.Metadata["kind"] = "hashed-matrix-factorization";
        writer.Metadata["version"] = "2";
        writer.Metadata["name"] = "test";
        writer.Metadata["features"] = HashedTextFeatures.Fingerprint;
        writer.Metadata["models"] = """["big","small","medium"]""";
        writer.Metadata["default_pair"] = """["big","small"]""";
        writer.Metadata["tie_margin"] = "0.5";
        return writer;
    }

    public static HashedMatrixFactorizationModel Load(SafetensorsWriter writer) => HashedMatrixFactorizationModel.Load(SafetensorsFile.Parse(writer.ToArray(), "test.safetensors"));
}
