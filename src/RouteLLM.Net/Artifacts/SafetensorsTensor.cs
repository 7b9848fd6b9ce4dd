using System.Collections.ObjectModel;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RouteLLM;

/// <summary>A tensor of a safetensors file: a view of the file's bytes, not a copy.</summary>
public sealed class SafetensorsTensor
{
    private readonly string? _artifactName;
    private readonly long[] _shape;
    private ReadOnlyCollection<long>? _shapeView;

    internal SafetensorsTensor(string name, SafetensorsType type, long[] shape, ReadOnlyMemory<byte> data, string? artifactName)
    {
        Name = name;
        DType = type;
        _shape = shape;
        Data = data;
        _artifactName = artifactName;
    }

    /// <summary>Gets the tensor's name.</summary>
    public string Name { get; }

    /// <summary>Gets the type of the elements.</summary>
    public SafetensorsType DType { get; }

    /// <summary>Gets the dimensions, slowest first (C order); empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => _shapeView ??= _shape.AsReadOnly();

    /// <summary>Gets the number of elements: the product of the dimensions, 1 for a scalar.</summary>
    public int Count => Data.Length / SafetensorsFormat.SizeOf(DType);

    /// <summary>Gets the elements' bytes, little-endian, in C order.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    internal ReadOnlySpan<long> Dimensions => _shape;

    /// <summary>Views the elements as values, without a copy.</summary>
    /// <typeparam name="T">A type of the elements' size, such as <see cref="float"/> for F32 or <see cref="sbyte"/> for I8; bfloat16 is viewed as <see cref="ushort"/>.</typeparam>
    /// <returns>The elements, in C order. They are aligned if the file's header is padded, as the reference and <see cref="SafetensorsWriter"/> pad it.</returns>
    /// <exception cref="InvalidArtifactException"><typeparamref name="T"/> is not of the elements' size, or is <see cref="bool"/> and a byte is neither 0 nor 1.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian, and the elements are not bytes.</exception>
    public ReadOnlySpan<T> AsSpan<T>()
        where T : unmanaged
    {
        int size = SafetensorsFormat.SizeOf(DType);
        if (Unsafe.SizeOf<T>() != size)
        {
            throw Invalid(
                $"its elements are {SafetensorsFormat.NameOf(DType)} of {size} bytes and were read as {typeof(T).Name} of {Unsafe.SizeOf<T>()}. "
                + "Read them as a type of their own size, or write the tensor with the type that is read.");
        }

        if (!BitConverter.IsLittleEndian && size > 1)
        {
            throw new PlatformNotSupportedException("Safetensors files are little-endian; this processor is big-endian.");
        }

        // A bool of any other byte is neither equal to true nor to false.
        if (typeof(T) == typeof(bool) && Data.Span.IndexOfAnyExceptInRange((byte)0, (byte)1) is int index and >= 0)
        {
            throw Invalid($"its element {index} is {Data.Span[index]}, and 0 or 1 was expected. The file is damaged: fetch or write it again.");
        }

        return MemoryMarshal.Cast<byte, T>(Data.Span);
    }

    /// <summary>Copies the elements out as floats.</summary>
    /// <returns>The elements, in C order.</returns>
    /// <exception cref="InvalidArtifactException">The elements are not F16, BF16, F32 or F64, or one is not finite as a <see cref="float"/>.</exception>
    internal float[] ToSingles()
    {
        float[] values = new float[Count];
        switch (DType)
        {
            case SafetensorsType.F32:
                AsSpan<float>().CopyTo(values);
                break;
            case SafetensorsType.F16:
                TensorPrimitives.ConvertToSingle(AsSpan<Half>(), values);
                break;
            case SafetensorsType.BF16:
                ReadOnlySpan<ushort> upperHalves = AsSpan<ushort>();
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)upperHalves[i] << 16);
                }

                break;
            case SafetensorsType.F64:
                ReadOnlySpan<double> doubles = AsSpan<double>();
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)doubles[i];
                }

                break;
            default:
                throw Invalid(
                    $"its elements are {SafetensorsFormat.NameOf(DType)}, and floating point was expected (F16, BF16, F32 or F64). "
                    + "Write the tensor as floating point, or read it with AsSpan.");
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                string value = DType == SafetensorsType.F64 && double.IsFinite(AsSpan<double>()[i]) ? "too large for a 32-bit float" : FormattableString.Invariant($"{values[i]}");
                throw Invalid($"its element {i} is {value}; every weight must be finite. The training that wrote it diverged or the file is damaged: train or fetch it again.");
            }
        }

        return values;
    }

    internal InvalidArtifactException Invalid(string problem) => new(problem, _artifactName, Name);
}
