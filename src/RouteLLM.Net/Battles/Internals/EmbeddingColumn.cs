using System.Runtime.CompilerServices;

namespace RouteLLM;

/// <summary>The embeddings of an index, <c>[n, d]</c>, and their norms; read only while the memory is borrowed.</summary>
internal sealed unsafe class EmbeddingColumn
{
    private readonly MappedTensor _embeddings;
    private readonly MappedTensor _norms;
    private readonly MappedTensor? _scales;

    /// <exception cref="InvalidArtifactException">A tensor is missing, or of another type or shape.</exception>
    public EmbeddingColumn(MappedSafetensors file)
    {
        _embeddings = file.GetTensor(BattleIndexFormat.Embeddings, [SafetensorsType.F32, SafetensorsType.F16, SafetensorsType.I8], -1, -1);
        if (_embeddings.Shape[0] is < 1 or > BattleIndexFormat.MaxRows || _embeddings.Shape[1] is < 1 or > BattleIndexFormat.MaxDimensions)
        {
            throw _embeddings.Invalid(
                $"its shape is {SafetensorsFormat.Describe(_embeddings.Shape)}; expected 1 to {BattleIndexFormat.MaxRows} rows of 1 to {BattleIndexFormat.MaxDimensions} dimensions. Build the index again.");
        }

        Count = (int)_embeddings.Shape[0];
        Dimensions = (int)_embeddings.Shape[1];
        DType = _embeddings.DType;
        RowBytes = Dimensions * SafetensorsFormat.SizeOf(DType);
        _norms = file.GetTensor(BattleIndexFormat.Norms, [SafetensorsType.F64], Count);
        _scales = DType == SafetensorsType.F32 ? null : file.GetTensor(BattleIndexFormat.Scales, [SafetensorsType.F32], Count);
    }

    /// <summary>Gets the number of rows.</summary>
    public int Count { get; }

    /// <summary>Gets the number of dimensions.</summary>
    public int Dimensions { get; }

    /// <summary>Gets the type of the elements: F32, F16 or I8.</summary>
    public SafetensorsType DType { get; }

    /// <summary>Gets the bytes of one row.</summary>
    public int RowBytes { get; }

    /// <summary>Gets where a row begins; the row must be one of <see cref="Count"/>.</summary>
    public byte* Row(int row) => _embeddings.Pointer + ((long)row * RowBytes);

    /// <summary>Gets the norm of a row as stored, before its scale; the row must be one of <see cref="Count"/>.</summary>
    public double Norm(int row) => Unsafe.ReadUnaligned<double>(_norms.Pointer + ((long)row * sizeof(double)));

    /// <summary>Copies a row out as floats.</summary>
    public void CopyTo(int row, Span<float> destination)
    {
        long first = (long)row * Dimensions;
        float scale = _scales is null ? 1 : _scales.Slice<float>(row, 1)[0];
        for (int i = 0; i < Dimensions; i++)
        {
            destination[i] = scale * DType switch
            {
                SafetensorsType.F32 => _embeddings.Slice<float>(first + i, 1)[0],
                SafetensorsType.F16 => (float)_embeddings.Slice<Half>(first + i, 1)[0],
                _ => _embeddings.Slice<sbyte>(first + i, 1)[0],
            };
        }
    }

    /// <summary>Makes the error of a row that gives no cosine.</summary>
    public InvalidArtifactException Invalid(int row) => _embeddings.Invalid($"row {row} and its norm give no cosine. The file is damaged: fetch it or build the index again.");
}
