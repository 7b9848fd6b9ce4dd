namespace RouteLLM;

/// <summary>Bytes that grow without being copied, of any number.</summary>
internal sealed class ByteChunks
{
    private const int LargestChunk = 16 * 1024 * 1024;

    private readonly List<byte[]> _chunks = [];
    private int _used;

    /// <summary>Gets the number of bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_chunks.Count == 0 || _used == _chunks[^1].Length)
            {
                int size = _chunks.Count == 0 ? 4096 : Math.Min(LargestChunk, _chunks[^1].Length * 2);
                _chunks.Add(GC.AllocateUninitializedArray<byte>(size));
                _used = 0;
            }

            int taken = Math.Min(bytes.Length, _chunks[^1].Length - _used);
            bytes[..taken].CopyTo(_chunks[^1].AsSpan(_used));
            _used += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Writes all bytes.</summary>
    public void WriteTo(Stream stream)
    {
        foreach (ReadOnlyMemory<byte> chunk in Chunks())
        {
            stream.Write(chunk.Span);
        }
    }

    /// <summary>Gives the bytes piece by piece.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Chunks() =>
        _chunks.Select((chunk, i) => (ReadOnlyMemory<byte>)(i == _chunks.Count - 1 ? chunk.AsMemory(0, _used) : chunk));
}
