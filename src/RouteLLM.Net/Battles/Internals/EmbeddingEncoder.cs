using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RouteLLM;

/// <summary>Brings embeddings to the number type an index keeps. Each gives the norm of what it wrote, and what to multiply that with to have the embedding back.</summary>
internal static class EmbeddingEncoder
{
    /// <summary>The largest element of a row of halves: so large that small elements keep their precision, and never are subnormal.</summary>
    private const float LargestHalf = 32768;

    public static (double Norm, float Scale) ToSingles(ReadOnlySpan<float> embedding, Span<byte> row)
    {
        embedding.CopyTo(MemoryMarshal.Cast<byte, float>(row));
        return (Norm(embedding), 1);
    }

    public static (double Norm, float Scale) ToHalves(ReadOnlySpan<float> embedding, Span<byte> row)
    {
        Span<Half> halves = MemoryMarshal.Cast<byte, Half>(row);
        double factor = Factor(embedding, LargestHalf);

        // A power of two, so that scaling rounds nothing.
        factor = Math.ScaleB(1, Math.ILogB(factor));
        double squares = 0;
        for (int i = 0; i < halves.Length; i++)
        {
            halves[i] = (Half)(embedding[i] * factor);
            squares += (double)halves[i] * (double)halves[i];
        }

        return (Math.Sqrt(squares), (float)(1 / factor));
    }

    public static (double Norm, float Scale) ToBytes(ReadOnlySpan<float> embedding, Span<byte> row)
    {
        Span<sbyte> bytes = MemoryMarshal.Cast<byte, sbyte>(row);
        double factor = Factor(embedding, sbyte.MaxValue);
        long squares = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (sbyte)Math.Round(embedding[i] * factor);
            squares += bytes[i] * bytes[i];
        }

        return (Math.Sqrt(squares), (float)(1 / factor));
    }

    private static double Factor(ReadOnlySpan<float> embedding, float largest)
    {
        float magnitude = Math.Abs(TensorPrimitives.MaxMagnitude(embedding));
        return magnitude == 0 ? 1 : largest / (double)magnitude;
    }

    private static double Norm(ReadOnlySpan<float> embedding)
    {
        double squares = 0;
        foreach (float value in embedding)
        {
            squares += (double)value * value;
        }

        return Math.Sqrt(squares);
    }
}
