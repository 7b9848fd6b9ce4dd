using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RouteLLM;

/// <summary>Dot products of an index's row and a query, each for one number type, fast enough to wait for memory only.</summary>
/// <remarks>
/// Processors fetch ahead by themselves, but not across a page of 4 KB; a scan that also computes would wait at every page. So each step asks for the cache line one
/// page ahead (asking for an address that is not there does nothing).
/// </remarks>
internal static unsafe class DotProducts
{
    /// <summary>Half-precision bits are read as single-precision ones of an exponent too small by this factor; the query makes up for it.</summary>
    public const float HalfScale = 5.192296858534828e33f;

    private const int Ahead = 4096;

    /// <summary>
    /// How many products of a byte and a 16-bit integer are summed in lanes of 32 bits before these are emptied: of 2048, at most 128 * 2 fall to one lane, and
    /// 256 * 128 * 32767 is half of what it holds.
    /// </summary>
    private const int ByteBlock = 2048;

    /// <summary>Multiplies floats with doubles, in doubles.</summary>
    public static double Dot(float* row, double* query, int length)
    {
        Vector<double> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        int width = Vector<float>.Count;
        int half = width / 2;
        int i = 0;
        for (; i <= length - (2 * width); i += 2 * width)
        {
            Prefetch(row + i);
            Vector.Widen(Vector.Load(row + i), out Vector<double> low0, out Vector<double> high0);
            Vector.Widen(Vector.Load(row + i + width), out Vector<double> low1, out Vector<double> high1);
            sum0 = Vector.FusedMultiplyAdd(low0, Vector.Load(query + i), sum0);
            sum1 = Vector.FusedMultiplyAdd(high0, Vector.Load(query + i + half), sum1);
            sum2 = Vector.FusedMultiplyAdd(low1, Vector.Load(query + i + width), sum2);
            sum3 = Vector.FusedMultiplyAdd(high1, Vector.Load(query + i + width + half), sum3);
        }

        double sum = Vector.Sum(sum0 + sum1 + (sum2 + sum3));
        for (; i < length; i++)
        {
            sum += row[i] * query[i];
        }

        return sum;
    }

    /// <summary>Multiplies the bits of halves with floats that carry <see cref="HalfScale"/>.</summary>
    public static double Dot(short* row, float* query, int length)
    {
        Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        int width = Vector<short>.Count;
        int half = width / 2;
        int i = 0;
        for (; i <= length - (2 * width); i += 2 * width)
        {
            Prefetch(row + i);
            Vector.Widen(Vector.Load(row + i), out Vector<int> low0, out Vector<int> high0);
            Vector.Widen(Vector.Load(row + i + width), out Vector<int> low1, out Vector<int> high1);
            sum0 = Vector.FusedMultiplyAdd(ToSmallSingle(low0), Vector.Load(query + i), sum0);
            sum1 = Vector.FusedMultiplyAdd(ToSmallSingle(high0), Vector.Load(query + i + half), sum1);
            sum2 = Vector.FusedMultiplyAdd(ToSmallSingle(low1), Vector.Load(query + i + width), sum2);
            sum3 = Vector.FusedMultiplyAdd(ToSmallSingle(high1), Vector.Load(query + i + width + half), sum3);
        }

        double sum = Vector.Sum(sum0 + sum1 + (sum2 + sum3));
        for (; i < length; i++)
        {
            sum += BitConverter.Int32BitsToSingle((row[i] << 13) & ~0x70001FFF) * query[i];
        }

        return sum;
    }

    /// <summary>Multiplies bytes with 16-bit integers, exactly.</summary>
    public static long Dot(sbyte* row, short* query, int length)
    {
        long sum = 0;
        int i = 0;
        while (i <= length - 64)
        {
            int end = i + Math.Min(ByteBlock, (length - i) & ~63);
            sum += Avx2.IsSupported ? DotByPairs(row, query, i, end) : DotByLanes(row, query, i, end);
            i = end;
        }

        for (; i < length; i++)
        {
            sum += row[i] * query[i];
        }

        return sum;
    }

    private static long DotByPairs(sbyte* row, short* query, int i, int end)
    {
        Vector256<int> sum0 = default, sum1 = default;
        for (; i < end; i += 64)
        {
            Prefetch(row + i);
            sum0 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row + i), Vector256.Load(query + i))
                + Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row + i + 16), Vector256.Load(query + i + 16));
            sum1 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row + i + 32), Vector256.Load(query + i + 32))
                + Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row + i + 48), Vector256.Load(query + i + 48));
        }

        return Vector256.Sum(Vector256.WidenLower(sum0) + Vector256.WidenUpper(sum0) + Vector256.WidenLower(sum1) + Vector256.WidenUpper(sum1));
    }

    private static long DotByLanes(sbyte* row, short* query, int i, int end)
    {
        Vector<int> sum0 = default, sum1 = default;
        int width = Vector<short>.Count;
        for (; i < end; i += 2 * width)
        {
            Vector.Widen(Vector.Load(row + i), out Vector<short> row0, out Vector<short> row1);
            Vector.Widen(row0, out Vector<int> low0, out Vector<int> high0);
            Vector.Widen(row1, out Vector<int> low1, out Vector<int> high1);
            Vector.Widen(Vector.Load(query + i), out Vector<int> queryLow0, out Vector<int> queryHigh0);
            Vector.Widen(Vector.Load(query + i + width), out Vector<int> queryLow1, out Vector<int> queryHigh1);
            sum0 += (low0 * queryLow0) + (high0 * queryHigh0);
            sum1 += (low1 * queryLow1) + (high1 * queryHigh1);
        }

        Vector.Widen(sum0, out Vector<long> wide0, out Vector<long> wide1);
        Vector.Widen(sum1, out Vector<long> wide2, out Vector<long> wide3);
        return Vector.Sum(wide0 + wide1 + wide2 + wide3);
    }

    /// <summary>Moves sign, exponent and mantissa of halves to where singles have them, which leaves the values 2^-112 times too small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> ToSmallSingle(Vector<int> halves) => Vector.AsVectorSingle(Vector.ShiftLeft(halves, 13) & new Vector<int>(~0x70001FFF));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((byte*)address + Ahead);
        }
    }
}
