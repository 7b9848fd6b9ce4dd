using System.Numerics.Tensors;

namespace RouteLLM.Onnx;

/// <summary>Makes one vector of those of a text's tokens.</summary>
internal static class TokenPooling
{
    /// <summary>Gives the reader for a way of pooling; vectors that are one a text already are taken as they are.</summary>
    public static RowReader Reader(EmbeddingPooling pooling) => (row, size, length) =>
        row.Length == size ? row.ToArray() : pooling switch
        {
            EmbeddingPooling.Mean => Mean(row, size, length),
            EmbeddingPooling.Cls => row[..size].ToArray(),
            _ => row.Slice((length - 1) * size, size).ToArray(),
        };

    private static float[] Mean(ReadOnlySpan<float> row, int size, int length)
    {
        var mean = new float[size];
        for (int token = 0; token < length; token++)
        {
            TensorPrimitives.Add(mean, row.Slice(token * size, size), mean);
        }

        TensorPrimitives.Divide(mean, length, mean);
        return mean;
    }
}
