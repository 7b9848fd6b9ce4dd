using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RouteLLM;

/// <summary>One comparison of a query with the rows of an index, on all processors; kept and used again for the next.</summary>
internal sealed unsafe class SimilarityScan
{
    /// <summary>How many bytes of rows one processor takes at a time: enough that taking them costs nothing, few enough that all finish together.</summary>
    private const int BlockBytes = 512 * 1024;

    private const float HalfScale = DotProducts.HalfScale;
    private const double MostSimilar = 1 + 1e-3;

    private readonly EmbeddingColumn _column;
    private readonly Action<int> _work;
    private readonly double[] _doubles;
    private readonly float[] _singles;
    private readonly short[] _shorts;
    private double _queryScale;
    private int[]? _rows;
    private double[] _similarities = [];
    private int _count;
    private int _blockRows;
    private int _nextBlock;
    private int _badRow;

    public SimilarityScan(EmbeddingColumn column)
    {
        _column = column;
        _work = Work;

        // Pinned, so that the loops may use pointers.
        _doubles = GC.AllocateArray<double>(column.DType == SafetensorsType.F32 ? column.Dimensions : 0, pinned: true);
        _singles = GC.AllocateArray<float>(column.DType == SafetensorsType.F16 ? column.Dimensions : 0, pinned: true);
        _shorts = GC.AllocateArray<short>(column.DType == SafetensorsType.I8 ? column.Dimensions : 0, pinned: true);
    }

    /// <summary>Computes the cosine of a query with rows.</summary>
    /// <param name="query">The query, <c>[Dimensions]</c>.</param>
    /// <param name="rows">The rows, or <see langword="null"/> for all.</param>
    /// <param name="similarities">Receives one cosine per row, in order; 0 where either vector is zero.</param>
    /// <param name="count">The number of rows.</param>
    public void Run(ReadOnlySpan<float> query, int[]? rows, double[] similarities, int count)
    {
        if (!Prepare(query))
        {
            similarities.AsSpan(0, count).Clear();
            return;
        }

        _rows = rows;
        _similarities = similarities;
        _count = count;
        _blockRows = Math.Max(1, BlockBytes / _column.RowBytes);
        _nextBlock = -1;
        _badRow = -1;
        int workers = Math.Min(Environment.ProcessorCount, (count + _blockRows - 1) / _blockRows);
        if (workers <= 1)
        {
            Work(0);
        }
        else
        {
            Parallel.For(0, workers, _work);
        }

        _similarities = [];
        if (_badRow >= 0)
        {
            throw _column.Invalid(_badRow);
        }
    }

    /// <summary>Brings the query to length 1, in the number type that the rows' is multiplied with.</summary>
    /// <returns>Whether there is a direction to compare: not for the zero vector.</returns>
    private bool Prepare(ReadOnlySpan<float> query)
    {
        double squares = 0;
        foreach (float value in query)
        {
            squares += (double)value * value;
        }

        if (!double.IsFinite(squares))
        {
            throw new ArgumentException("The embedding has an element that is NaN or infinite. Look at the embedder: its vectors must be finite.", nameof(query));
        }

        if (squares == 0)
        {
            return false;
        }

        double norm = Math.Sqrt(squares);
        switch (_column.DType)
        {
            case SafetensorsType.F32:
                // Divided at the end, so that the products stay those of the values themselves.
                _queryScale = 1 / norm;
                for (int i = 0; i < query.Length; i++)
                {
                    _doubles[i] = query[i];
                }

                break;
            case SafetensorsType.F16:
                _queryScale = 1;
                for (int i = 0; i < query.Length; i++)
                {
                    _singles[i] = (float)(query[i] / norm) * HalfScale;
                }

                break;
            default:
                double largest = Math.Abs((double)TensorPrimitives.MaxMagnitude(query));
                _queryScale = largest / short.MaxValue / norm;
                for (int i = 0; i < query.Length; i++)
                {
                    _shorts[i] = (short)Math.Round(query[i] / largest * short.MaxValue);
                }

                break;
        }

        return true;
    }

    private void Work(int worker)
    {
        double* doubles = (double*)Marshal.UnsafeAddrOfPinnedArrayElement(_doubles, 0);
        float* singles = (float*)Marshal.UnsafeAddrOfPinnedArrayElement(_singles, 0);
        short* shorts = (short*)Marshal.UnsafeAddrOfPinnedArrayElement(_shorts, 0);
        int dimensions = _column.Dimensions;
        while (true)
        {
            long first = (long)Interlocked.Increment(ref _nextBlock) * _blockRows;
            if (first >= _count)
            {
                return;
            }

            int end = (int)Math.Min(_count, first + _blockRows);
            for (int i = (int)first; i < end; i++)
            {
                int row = _rows is null ? i : _rows[i];
                byte* elements = _column.Row(row);
                double product = _column.DType switch
                {
                    SafetensorsType.F32 => DotProducts.Dot((float*)elements, doubles, dimensions),
                    SafetensorsType.F16 => DotProducts.Dot((short*)elements, singles, dimensions),
                    _ => DotProducts.Dot((sbyte*)elements, shorts, dimensions),
                };
                double norm = _column.Norm(row);
                double similarity = norm == 0 ? 0 : product * _queryScale / norm;
                if (!(Math.Abs(similarity) <= MostSimilar))
                {
                    _badRow = row;
                }

                _similarities[i] = similarity;
            }
        }
    }
}
