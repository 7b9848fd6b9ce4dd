using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RouteLLM;

/// <summary>Writes a safetensors file.</summary>
/// <remarks>
/// The same tensors and metadata give the same bytes in whatever order they were added: metadata keys are in ordinal order, tensors are in the
/// reference implementation's order (types from <see cref="SafetensorsType.U64"/> down, then names by their UTF-8), and blanks pad the header
/// to a multiple of 8 bytes, so that every element is aligned. Not safe for use by several threads at once.
/// </remarks>
public sealed class SafetensorsWriter
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, Tensor> _tensors = [];

    /// <summary>Gets the metadata to write; text only, keys and values alike.</summary>
    public IDictionary<string, string> Metadata { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Adds a tensor. Its data is copied.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="shape">The dimensions, slowest first; empty for a scalar.</param>
    /// <param name="data">The elements' bytes, little-endian, in C order.</param>
    /// <exception cref="ArgumentException">
    /// The name is taken, reserved or not valid Unicode, or <paramref name="data"/> is not as long as <paramref name="shape"/> and <paramref name="type"/> make it.
    /// </exception>
    public void Add(string name, SafetensorsType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> data)
    {
        long length = CheckedLength(name, type, shape);
        if (data.Length != length)
        {
            throw new ArgumentException(
                $"Tensor '{name}' of {SafetensorsFormat.NameOf(type)} and shape {SafetensorsFormat.Describe(shape)} takes {length} bytes; got {data.Length}.", nameof(data));
        }

        byte[] copy = data.ToArray();
        Add(name, type, shape, length, stream => stream.Write(copy));
    }

    /// <summary>Adds a tensor whose data is written when the file is, so that a large one is never copied.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="shape">The dimensions, slowest first.</param>
    /// <param name="write">Writes the elements' bytes, little-endian, in C order, and exactly as many as the shape takes.</param>
    internal void Add(string name, SafetensorsType type, ReadOnlySpan<long> shape, Action<Stream> write) =>
        Add(name, type, shape, CheckedLength(name, type, shape), write);

    /// <summary>Adds a tensor of floats (F32). Its data is copied.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="shape">The dimensions, slowest first; empty for a scalar.</param>
    /// <param name="values">The elements, in C order.</param>
    /// <exception cref="ArgumentException">As for <see cref="Add(string, SafetensorsType, ReadOnlySpan{long}, ReadOnlySpan{byte})"/>.</exception>
    public void Add(string name, ReadOnlySpan<long> shape, ReadOnlySpan<float> values) => Add(name, SafetensorsType.F32, shape, AsLittleEndian(values));

    /// <summary>Adds a tensor of halves (F16). Its data is copied.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="shape">The dimensions, slowest first; empty for a scalar.</param>
    /// <param name="values">The elements, in C order.</param>
    /// <exception cref="ArgumentException">As for <see cref="Add(string, SafetensorsType, ReadOnlySpan{long}, ReadOnlySpan{byte})"/>.</exception>
    public void Add(string name, ReadOnlySpan<long> shape, ReadOnlySpan<Half> values) => Add(name, SafetensorsType.F16, shape, AsLittleEndian(values));

    /// <summary>Adds a tensor of signed bytes (I8). Its data is copied.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="shape">The dimensions, slowest first; empty for a scalar.</param>
    /// <param name="values">The elements, in C order.</param>
    /// <exception cref="ArgumentException">As for <see cref="Add(string, SafetensorsType, ReadOnlySpan{long}, ReadOnlySpan{byte})"/>.</exception>
    public void Add(string name, ReadOnlySpan<long> shape, ReadOnlySpan<sbyte> values) => Add(name, SafetensorsType.I8, shape, MemoryMarshal.AsBytes(values));

    /// <summary>Gives the file's bytes.</summary>
    /// <returns>The whole file.</returns>
    /// <exception cref="InvalidOperationException">The file would be larger than an array can be, or its header longer than the format allows.</exception>
    public byte[] ToArray()
    {
        Tensor[] tensors = Sorted();
        byte[] header = BuildHeader(tensors);
        long length = tensors.Aggregate((long)header.Length, static (sum, tensor) => sum + tensor.Length);
        if (length > Array.MaxLength)
        {
            throw new InvalidOperationException($"The file takes {length} bytes, and an array {Array.MaxLength} at most; write it to a stream.");
        }

        byte[] file = new byte[length];
        using MemoryStream stream = new(file);
        Write(stream, header, tensors);
        return file;
    }

    /// <summary>Writes the file to a stream, which is left open.</summary>
    /// <param name="stream">The stream.</param>
    /// <exception cref="InvalidOperationException">The header would be longer than the format allows.</exception>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Tensor[] tensors = Sorted();
        Write(stream, BuildHeader(tensors), tensors);
    }

    /// <summary>Writes the file to disk: to a temporary file beside it that then takes its place, so that there is never half a file.</summary>
    /// <param name="path">The path. A file that is there is replaced; the directory must exist.</param>
    /// <exception cref="InvalidOperationException">The header would be longer than the format allows.</exception>
    /// <exception cref="IOException">The file cannot be written; what was at <paramref name="path"/> is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written; what was at <paramref name="path"/> is unchanged.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write);
        try
        {
            using (stream)
            {
                Write(stream);

                // Without this, a power cut after the rename could leave the new name on data that never reached the disk.
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static long CheckedLength(string name, SafetensorsType type, ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Enum.IsDefined(type))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such type of elements.");
        }

        if (name == SafetensorsFormat.MetadataKey)
        {
            throw new ArgumentException($"'{name}' is where a safetensors file keeps its metadata; call the tensor something else, or set {nameof(Metadata)}.", nameof(name));
        }

        if (shape.Length > SafetensorsFormat.MaxRank)
        {
            throw new ArgumentException($"Tensor '{name}' has {shape.Length} dimensions; {SafetensorsFormat.MaxRank} is the most.", nameof(shape));
        }

        return SafetensorsFormat.ByteLength(type, shape)
            ?? throw new ArgumentException($"Tensor '{name}' has a negative dimension or is too large.", nameof(shape));
    }

    private void Add(string name, SafetensorsType type, ReadOnlySpan<long> shape, long length, Action<Stream> write)
    {
        if (!_tensors.TryAdd(name, new Tensor(Utf8(name), type, shape.ToArray(), length, write)))
        {
            throw new ArgumentException($"There is a tensor '{name}' already; names are unique.", nameof(name));
        }
    }

    private static void Write(Stream stream, byte[] header, Tensor[] tensors)
    {
        stream.Write(header);
        foreach (Tensor tensor in tensors)
        {
            tensor.Write(stream);
        }
    }

    // From the widest type to the narrowest, each tensor begins at a multiple of its elements' size.
    private Tensor[] Sorted()
    {
        Tensor[] tensors = [.. _tensors.Values];
        Array.Sort(tensors, static (left, right) =>
            left.Type == right.Type ? left.Utf8Name.AsSpan().SequenceCompareTo(right.Utf8Name) : right.Type.CompareTo(left.Type));
        return tensors;
    }

    private byte[] BuildHeader(Tensor[] tensors)
    {
        ArrayBufferWriter<byte> buffer = new();
        buffer.Write(stackalloc byte[SafetensorsFormat.PrefixLength]);
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            WriteJson(json, tensors);
        }

        int padding = -buffer.WrittenCount & 7;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);

        byte[] header = buffer.WrittenSpan.ToArray();
        int length = header.Length - SafetensorsFormat.PrefixLength;
        if (length > SafetensorsFormat.MaxHeaderLength)
        {
            throw new InvalidOperationException(
                $"The header takes {length} bytes, and {SafetensorsFormat.MaxHeaderLength} is the most; keep large metadata in a tensor of bytes.");
        }

        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        return header;
    }

    private void WriteJson(Utf8JsonWriter json, Tensor[] tensors)
    {
        json.WriteStartObject();
        if (Metadata.Count > 0)
        {
            json.WriteStartObject(SafetensorsFormat.MetadataKey);
            foreach ((string key, string value) in Metadata)
            {
                string text = value ?? throw new InvalidOperationException($"The metadata {InvalidArtifactException.Quote(key)} is null; leave the key out instead.");
                json.WriteString(Utf8(key), Utf8(text));
            }

            json.WriteEndObject();
        }

        long position = 0;
        foreach (Tensor tensor in tensors)
        {
            json.WriteStartObject(tensor.Utf8Name);
            json.WriteString("dtype", SafetensorsFormat.NameOf(tensor.Type));
            json.WriteStartArray("shape");
            foreach (long dimension in tensor.Shape)
            {
                json.WriteNumberValue(dimension);
            }

            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(position);
            json.WriteNumberValue(position += tensor.Length);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static byte[] Utf8(string text)
    {
        try
        {
            return s_strictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException($"{InvalidArtifactException.Quote(text)} has half of a surrogate pair, which is not a character and cannot be written.", nameof(text), e);
        }
    }

    private static ReadOnlySpan<byte> AsLittleEndian<T>(ReadOnlySpan<T> values)
        where T : unmanaged => BitConverter.IsLittleEndian
            ? MemoryMarshal.AsBytes(values)
            : throw new PlatformNotSupportedException("Safetensors files are little-endian; this processor is big-endian.");

    private sealed record Tensor(byte[] Utf8Name, SafetensorsType Type, long[] Shape, long Length, Action<Stream> Write);
}
