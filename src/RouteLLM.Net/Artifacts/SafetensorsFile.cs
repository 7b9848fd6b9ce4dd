using System.Collections.ObjectModel;
using System.Security.Cryptography;

namespace RouteLLM;

/// <summary>A safetensors file: named tensors and text metadata, as Hugging Face's format has them.</summary>
/// <remarks>
/// The tensors are views of the file's bytes. All of the header is checked on opening, so a file that opened can be read safely whatever it holds;
/// files are trusted with nothing else. Instances may be used by many threads at once.
/// </remarks>
public sealed class SafetensorsFile
{
    private const int MostListed = 20;

    private readonly ReadOnlyMemory<byte> _data;
    private string? _fingerprint;

    private SafetensorsFile(ReadOnlyMemory<byte> data, string? name)
    {
        _data = data;
        Name = name;

        int headerLength = SafetensorsHeader.ReadLength(data.Span[..Math.Min(data.Length, SafetensorsFormat.PrefixLength)], data.Length, name);
        ReadOnlyMemory<byte> header = data.Slice(SafetensorsFormat.PrefixLength, headerLength);
        ReadOnlyMemory<byte> body = data[(SafetensorsFormat.PrefixLength + headerLength)..];

        SafetensorsHeader parsed = SafetensorsHeader.Parse(header.Span, body.Length, name);
        Dictionary<string, SafetensorsTensor> tensors = new(parsed.Entries.Count);
        foreach (SafetensorsEntry entry in parsed.Entries)
        {
            ReadOnlyMemory<byte> bytes = body[(int)entry.Begin..(int)entry.End];
            tensors.Add(entry.Name, new SafetensorsTensor(entry.Name, entry.Type, entry.Shape, bytes, name));
        }

        Metadata = new ReadOnlyDictionary<string, string>(parsed.Metadata);
        Tensors = new ReadOnlyDictionary<string, SafetensorsTensor>(tensors);
    }

    /// <summary>Gets the name the file goes by in messages: its path if it was loaded, else what the caller called it, or <see langword="null"/>.</summary>
    public string? Name { get; }

    /// <summary>Gets the metadata; empty if the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Gets the tensors by name, in the order of their data.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; }

    /// <summary>Gets the SHA-256 of the whole file in lower-case hexadecimal; computed when first asked for.</summary>
    public string Fingerprint => _fingerprint ??= Convert.ToHexStringLower(SHA256.HashData(_data.Span));

    /// <summary>Gets the number of bytes.</summary>
    internal int Length => _data.Length;

    /// <summary>Opens a file that is in memory, without copying it.</summary>
    /// <param name="data">The whole file. It must not change while the result or one of its tensors is in use.</param>
    /// <param name="name">What to call the file in messages, or <see langword="null"/>.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InvalidArtifactException">The bytes are not a sound safetensors file.</exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> data, string? name = null) => new(data, name);

    /// <summary>Reads a file from disk into memory and opens it.</summary>
    /// <param name="path">The path; up to 2 GB.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InvalidArtifactException">The file is not a sound safetensors file, or larger than 2 GB.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static SafetensorsFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);

        // The header's length is checked before the rest is read, so that a large file of another kind is refused at once.
        long length = stream.Length;
        Span<byte> prefix = stackalloc byte[SafetensorsFormat.PrefixLength];
        SafetensorsHeader.ReadLength(prefix[..stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false)], length, path);
        if (length > Array.MaxLength)
        {
            throw new InvalidArtifactException($"it has {length} bytes, and {Array.MaxLength} is the most that can be loaded. Split it, or write it with smaller types.", path);
        }

        byte[] data = GC.AllocateUninitializedArray<byte>((int)length);
        prefix.CopyTo(data);
        stream.ReadExactly(data.AsSpan(prefix.Length));
        return new SafetensorsFile(data, path);
    }

    /// <summary>Gets a tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="expectedShape">The shape it must have, a negative dimension standing for any; leave out to accept any shape.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="InvalidArtifactException">There is no such tensor, or its shape is another.</exception>
    public SafetensorsTensor GetTensor(string name, params ReadOnlySpan<long> expectedShape)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Tensors.TryGetValue(name, out SafetensorsTensor? tensor))
        {
            throw new InvalidArtifactException($"there is no such tensor; the file has {DescribeContents()}. It may be an artifact of another kind or version: check the path.", Name, name);
        }

        if (expectedShape.Length > 0 && !Matches(tensor.Dimensions, expectedShape))
        {
            throw tensor.Invalid(
                $"its shape is {SafetensorsFormat.Describe(tensor.Dimensions)}, and {SafetensorsFormat.Describe(expectedShape)} was expected. "
                + "It may be an artifact of another kind or size: check the path and the settings it was trained with.");
        }

        return tensor;
    }

    /// <summary>Gets a tensor of a certain type.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="type">The type its elements must have.</param>
    /// <param name="expectedShape">The shape it must have, a negative dimension standing for any; leave out to accept any shape.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="InvalidArtifactException">There is no such tensor, or its type or shape is another.</exception>
    public SafetensorsTensor GetTensor(string name, SafetensorsType type, params ReadOnlySpan<long> expectedShape)
    {
        SafetensorsTensor tensor = GetTensor(name, expectedShape);
        return tensor.DType == type
            ? tensor
            : throw tensor.Invalid(
                $"its elements are {SafetensorsFormat.NameOf(tensor.DType)}, and {SafetensorsFormat.NameOf(type)} was expected. "
                + "It may be an artifact of another kind or version: check the path, or convert it.");
    }

    /// <summary>Copies a floating-point tensor out as floats.</summary>
    /// <param name="tensor">The tensor's name; its elements are F16, BF16, F32 or F64.</param>
    /// <param name="expectedShape">The shape it must have, a negative dimension standing for any; leave out to accept any shape.</param>
    /// <returns>The elements, in C order.</returns>
    /// <exception cref="InvalidArtifactException">
    /// There is no such tensor, its type is not floating point or its shape is another, or an element is NaN, infinite or too large for a <see cref="float"/>.
    /// </exception>
    public float[] ReadSingles(string tensor, params ReadOnlySpan<long> expectedShape) => GetTensor(tensor, expectedShape).ToSingles();

    private static bool Matches(ReadOnlySpan<long> shape, ReadOnlySpan<long> expected)
    {
        if (shape.Length != expected.Length)
        {
            return false;
        }

        for (int i = 0; i < shape.Length; i++)
        {
            if (expected[i] >= 0 && expected[i] != shape[i])
            {
                return false;
            }
        }

        return true;
    }

    private string DescribeContents()
    {
        if (Tensors.Count == 0)
        {
            return "no tensors";
        }

        string listed = string.Join(", ", Tensors.Values.Take(MostListed).Select(static tensor =>
            $"{InvalidArtifactException.Quote(tensor.Name)} {SafetensorsFormat.NameOf(tensor.DType)} {SafetensorsFormat.Describe(tensor.Dimensions)}"));
        return Tensors.Count > MostListed ? $"{listed} and {Tensors.Count - MostListed} more" : listed;
    }
}
