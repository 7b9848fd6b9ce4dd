using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RouteLLM.Training;

/// <summary>The two matrix products of a training step. Every element is a sum in an order that depends on the sizes alone, so that work may be shared out in any way.</summary>
/// <remarks>Blocks of rows are sized so that accumulators fit the 16 registers of AVX2, and a block of the second factor the first-level cache.</remarks>
internal static class DenseProducts
{
    /// <summary>Computes x w^T.</summary>
    /// <param name="x">x, <c>[rows, columns]</c>.</param>
    /// <param name="w">w, <c>[dimensions, columns]</c>.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="product">Receives x w^T, <c>[rows, dimensions]</c>.</param>
    public static void MultiplyByTransposed(ReadOnlySpan<float> x, ReadOnlySpan<float> w, int columns, Span<float> product)
    {
        int rows = x.Length / columns, dimensions = w.Length / columns;
        for (int k = 0; k < dimensions; k += 4)
        {
            int count = Math.Min(4, dimensions - k);
            int i = 0;
            if (count == 4)
            {
                ReadOnlySpan<float> block = w.Slice(k * columns, 4 * columns);
                for (; i + 1 < rows; i += 2)
                {
                    Multiply2By4(x.Slice(i * columns, 2 * columns), block, columns, product.Slice((i * dimensions) + k, 4), product.Slice(((i + 1) * dimensions) + k, 4));
                }
            }

            for (; i < rows; i++)
            {
                for (int j = k; j < k + count; j++)
                {
                    product[(i * dimensions) + j] = TensorPrimitives.Dot(x.Slice(i * columns, columns), w.Slice(j * columns, columns));
                }
            }
        }
    }

    /// <summary>Computes some rows of g^T x.</summary>
    /// <param name="g">g, <c>[rows, dimensions]</c>.</param>
    /// <param name="x">x, <c>[rows, columns]</c>.</param>
    /// <param name="columns">The number of columns.</param>
    /// <param name="first">The first row of the product to compute.</param>
    /// <param name="product">Receives rows of g^T x, <c>[a number of rows, columns]</c>.</param>
    public static void MultiplyTransposed(ReadOnlySpan<float> g, ReadOnlySpan<float> x, int columns, int first, Span<float> product)
    {
        int rows = x.Length / columns, dimensions = g.Length / rows, count = product.Length / columns;
        product.Clear();
        int k = 0;
        for (; k + 1 < count; k += 2)
        {
            Span<float> target = product.Slice(k * columns, 2 * columns);
            int i = 0;
            for (; i + 3 < rows; i += 4)
            {
                Add4Into2(g[((i * dimensions) + first + k)..], dimensions, x.Slice(i * columns, 4 * columns), columns, target);
            }

            for (; i < rows; i++)
            {
                ReadOnlySpan<float> row = x.Slice(i * columns, columns);
                int at = (i * dimensions) + first + k;
                TensorPrimitives.MultiplyAdd(row, g[at], target[..columns], target[..columns]);
                TensorPrimitives.MultiplyAdd(row, g[at + 1], target[columns..], target[columns..]);
            }
        }

        if (k < count)
        {
            Span<float> target = product[(k * columns)..];
            for (int i = 0; i < rows; i++)
            {
                TensorPrimitives.MultiplyAdd(x.Slice(i * columns, columns), g[(i * dimensions) + first + k], target, target);
            }
        }
    }

    private static void Multiply2By4(ReadOnlySpan<float> x, ReadOnlySpan<float> w, int columns, Span<float> first, Span<float> second)
    {
        ref float x0 = ref MemoryMarshal.GetReference(x);
        ref float w0 = ref MemoryMarshal.GetReference(w);
        Vector<float> s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        nuint n = (nuint)columns, j = 0;
        for (; j + (nuint)Vector<float>.Count <= n; j += (nuint)Vector<float>.Count)
        {
            Vector<float> a = Vector.LoadUnsafe(ref x0, j), b = Vector.LoadUnsafe(ref x0, n + j);
            Vector<float> v = Vector.LoadUnsafe(ref w0, j);
            s00 = Vector.FusedMultiplyAdd(a, v, s00);
            s10 = Vector.FusedMultiplyAdd(b, v, s10);
            v = Vector.LoadUnsafe(ref w0, n + j);
            s01 = Vector.FusedMultiplyAdd(a, v, s01);
            s11 = Vector.FusedMultiplyAdd(b, v, s11);
            v = Vector.LoadUnsafe(ref w0, (2 * n) + j);
            s02 = Vector.FusedMultiplyAdd(a, v, s02);
            s12 = Vector.FusedMultiplyAdd(b, v, s12);
            v = Vector.LoadUnsafe(ref w0, (3 * n) + j);
            s03 = Vector.FusedMultiplyAdd(a, v, s03);
            s13 = Vector.FusedMultiplyAdd(b, v, s13);
        }

        first[0] = Vector.Sum(s00);
        first[1] = Vector.Sum(s01);
        first[2] = Vector.Sum(s02);
        first[3] = Vector.Sum(s03);
        second[0] = Vector.Sum(s10);
        second[1] = Vector.Sum(s11);
        second[2] = Vector.Sum(s12);
        second[3] = Vector.Sum(s13);
        for (int rest = (int)j; rest < columns; rest++)
        {
            for (int k = 0; k < 4; k++)
            {
                first[k] += x[rest] * w[(k * columns) + rest];
                second[k] += x[columns + rest] * w[(k * columns) + rest];
            }
        }
    }

    /// <summary>Adds four rows of x, times their factors, to two rows.</summary>
    private static void Add4Into2(ReadOnlySpan<float> g, int stride, ReadOnlySpan<float> x, int columns, Span<float> target)
    {
        float g00 = g[0], g10 = g[stride], g20 = g[2 * stride], g30 = g[3 * stride];
        float g01 = g[1], g11 = g[stride + 1], g21 = g[(2 * stride) + 1], g31 = g[(3 * stride) + 1];
        Vector<float> f00 = new(g00), f10 = new(g10), f20 = new(g20), f30 = new(g30), f01 = new(g01), f11 = new(g11), f21 = new(g21), f31 = new(g31);
        ref float x0 = ref MemoryMarshal.GetReference(x);
        ref float target0 = ref MemoryMarshal.GetReference(target);
        nuint n = (nuint)columns, j = 0;
        for (; j + (nuint)Vector<float>.Count <= n; j += (nuint)Vector<float>.Count)
        {
            Vector<float> a = Vector.LoadUnsafe(ref x0, j), b = Vector.LoadUnsafe(ref x0, n + j), c = Vector.LoadUnsafe(ref x0, (2 * n) + j), d = Vector.LoadUnsafe(ref x0, (3 * n) + j);
            Vector<float> sum = Vector.FusedMultiplyAdd(a, f00, Vector.LoadUnsafe(ref target0, j));
            sum = Vector.FusedMultiplyAdd(d, f30, Vector.FusedMultiplyAdd(c, f20, Vector.FusedMultiplyAdd(b, f10, sum)));
            sum.StoreUnsafe(ref target0, j);
            sum = Vector.FusedMultiplyAdd(a, f01, Vector.LoadUnsafe(ref target0, n + j));
            sum = Vector.FusedMultiplyAdd(d, f31, Vector.FusedMultiplyAdd(c, f21, Vector.FusedMultiplyAdd(b, f11, sum)));
            sum.StoreUnsafe(ref target0, n + j);
        }

        for (int rest = (int)j; rest < columns; rest++)
        {
            target[rest] += (x[rest] * g00) + (x[columns + rest] * g10) + (x[(2 * columns) + rest] * g20) + (x[(3 * columns) + rest] * g30);
            target[columns + rest] += (x[rest] * g01) + (x[columns + rest] * g11) + (x[(2 * columns) + rest] * g21) + (x[(3 * columns) + rest] * g31);
        }
    }
}
