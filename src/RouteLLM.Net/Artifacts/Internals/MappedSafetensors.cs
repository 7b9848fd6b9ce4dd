namespace RouteLLM;

/// <summary>A safetensors file of any size whose tensors stay on disk until they are read; the header is checked on opening, as by <see cref="SafetensorsFile"/>.</summary>
internal sealed unsafe class MappedSafetensors : IDisposable
{
    private readonly Dictionary<string, SafetensorsEntry> _entries;
    private readonly long _dataOffset;

    private MappedSafetensors(MappedMemory memory, string? name)
    {
        Memory = memory;
        Name = name;
        byte* start = memory.Pointer;
        int headerLength = SafetensorsHeader.ReadLength(new ReadOnlySpan<byte>(start, (int)Math.Min(memory.Length, SafetensorsFormat.PrefixLength)), memory.Length, name);
        _dataOffset = SafetensorsFormat.PrefixLength + headerLength;
        SafetensorsHeader header = SafetensorsHeader.Parse(new ReadOnlySpan<byte>(start + SafetensorsFormat.PrefixLength, headerLength), memory.Length - _dataOffset, name);
        Metadata = header.Metadata;
        _entries = header.Entries.ToDictionary(static entry => entry.Name);
    }

    /// <summary>Gets the memory the tensors lie in.</summary>
    public MappedMemory Memory { get; }

    /// <summary>Gets the name the file goes by in messages.</summary>
    public string? Name { get; }

    /// <summary>Gets the metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Gets what the header says of the tensors.</summary>
    public IReadOnlyCollection<SafetensorsEntry> Entries => _entries.Values;

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidArtifactException">The file is not a sound safetensors file.</exception>
    public static MappedSafetensors Open(string path) => Open(MappedMemory.Map(path), path);

    /// <summary>Opens a file that is in memory.</summary>
    /// <exception cref="InvalidArtifactException">The bytes are not a sound safetensors file.</exception>
    public static MappedSafetensors Parse(ReadOnlyMemory<byte> data, string? name) => Open(MappedMemory.Pin(data), name);

    /// <summary>Asks whether there is a tensor of that name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>Finds a tensor of one of some types and of some shape, a negative dimension standing for any.</summary>
    /// <exception cref="InvalidArtifactException">There is none, or its type or shape is another.</exception>
    public MappedTensor GetTensor(string name, ReadOnlySpan<SafetensorsType> types, params ReadOnlySpan<long> shape)
    {
        if (!_entries.TryGetValue(name, out SafetensorsEntry entry))
        {
            throw new InvalidArtifactException("there is no such tensor. It may be an artifact of another kind or version: check the path.", Name, name);
        }

        if (!types.Contains(entry.Type))
        {
            throw new InvalidArtifactException(
                $"its elements are {SafetensorsFormat.NameOf(entry.Type)}, and {string.Join(" or ", types.ToArray().Select(SafetensorsFormat.NameOf))} was expected. Build the artifact again.", Name, name);
        }

        bool fits = entry.Shape.Length == shape.Length;
        for (int i = 0; fits && i < shape.Length; i++)
        {
            fits = shape[i] < 0 || shape[i] == entry.Shape[i];
        }

        return fits
            ? new MappedTensor(this, entry, _dataOffset + entry.Begin)
            : throw new InvalidArtifactException(
                $"its shape is {SafetensorsFormat.Describe(entry.Shape)}, and {SafetensorsFormat.Describe(shape)} was expected. Build the artifact again.", Name, name);
    }

    /// <summary>Copies a small tensor that is there.</summary>
    public SafetensorsTensor CopyTensor(string name)
    {
        SafetensorsEntry entry = _entries[name];
        using MappedMemory.Lease lease = Memory.Borrow();
        byte[] bytes = new ReadOnlySpan<byte>(Memory.Pointer + _dataOffset + entry.Begin, checked((int)(entry.End - entry.Begin))).ToArray();
        return new SafetensorsTensor(entry.Name, entry.Type, entry.Shape, bytes, Name);
    }

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();

    private static MappedSafetensors Open(MappedMemory memory, string? name)
    {
        try
        {
            return new MappedSafetensors(memory, name);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }
}
