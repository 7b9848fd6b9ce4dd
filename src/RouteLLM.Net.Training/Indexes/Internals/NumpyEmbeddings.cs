using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>A NumPy file of embeddings: an array [n, d] of little-endian floats in C order.</summary>
/// <remarks>Format versions 1 to 3, of https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.</remarks>
internal sealed partial class NumpyEmbeddings : IEmbeddingFile
{
    private const int MaxHeaderLength = 1 << 20;

    private readonly FileStream _stream;
    private readonly int _dimensions;
    private readonly int _elementSize;

    private NumpyEmbeddings(string path, FileStream stream)
    {
        _stream = stream;
        Span<byte> prefix = stackalloc byte[12];
        if (stream.ReadAtLeast(prefix, 10, throwOnEndOfStream: false) < 10 || prefix[0] != 0x93 || !prefix[1..6].SequenceEqual("NUMPY"u8))
        {
            throw new EvaluationDataException(path, 1, "it does not begin as a NumPy file does. Write it with numpy.save.");
        }

        // Version 1 has two bytes of header length, later ones four.
        bool first = prefix[6] == 1;
        long headerLength = first ? BinaryPrimitives.ReadUInt16LittleEndian(prefix[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(prefix[8..]);
        stream.Position = first ? 10 : 12;
        if (headerLength > Math.Min(MaxHeaderLength, stream.Length - stream.Position))
        {
            throw new EvaluationDataException(path, 1, $"its header would take {headerLength} bytes. The file is damaged or cut short.");
        }

        byte[] header = new byte[headerLength];
        stream.ReadExactly(header);
        string text = Encoding.UTF8.GetString(header);
        Match type = TypePattern().Match(text), shape = ShapePattern().Match(text);
        if (!type.Success || !shape.Success || text.Contains("'fortran_order': True", StringComparison.Ordinal)
            || !long.TryParse(shape.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || !int.TryParse(shape.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out _dimensions))
        {
            throw new EvaluationDataException(path, 1, $"its header is {text.Trim()}; expected an array [n, d] of <f2, <f4 or <f8 in C order. Save numpy.ascontiguousarray(x, dtype='<f4').");
        }

        _elementSize = type.Groups[1].Value[0] - '0';
        Count = count;
        Int128 expected = (Int128)count * _dimensions * _elementSize;
        if (_dimensions == 0 || expected != stream.Length - stream.Position)
        {
            throw new EvaluationDataException(path, 1, $"its header says [{count}, {_dimensions}] of {_elementSize} bytes each, but {stream.Length - stream.Position} bytes follow. The file is damaged or cut short.");
        }
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <exception cref="EvaluationDataException">The file is something else.</exception>
    public static NumpyEmbeddings Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        try
        {
            return new NumpyEmbeddings(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<float[]> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[_dimensions * _elementSize];
        for (long row = 0; row < Count; row++)
        {
            await _stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
            yield return Convert(bytes);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private float[] Convert(ReadOnlySpan<byte> bytes)
    {
        var row = new float[_dimensions];
        for (int i = 0; i < row.Length; i++)
        {
            ReadOnlySpan<byte> element = bytes.Slice(i * _elementSize, _elementSize);
            row[i] = _elementSize switch
            {
                2 => (float)BinaryPrimitives.ReadHalfLittleEndian(element),
                4 => BinaryPrimitives.ReadSingleLittleEndian(element),
                _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(element),
            };
        }

        return row;
    }

    [GeneratedRegex(@"'descr'\s*:\s*'<f([248])'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(\s*(\d+)\s*,\s*(\d+)\s*,?\s*\)")]
    private static partial Regex ShapePattern();
}
