using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace RouteLLM;

/// <summary>Bytes that stay where they are: those of a memory-mapped file, or pinned ones of the caller.</summary>
/// <remarks>
/// A handle is counted: who reads takes a <see cref="Lease"/>, so that disposing of the memory while another thread reads it waits for that thread, and reading after
/// it throws <see cref="ObjectDisposedException"/>. Neither can touch memory that is gone.
/// </remarks>
internal sealed unsafe class MappedMemory : SafeHandle
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private MemoryHandle _pin;
    private volatile bool _disposed;

    private MappedMemory(MemoryMappedFile file, long length)
        : base(0, ownsHandle: true)
    {
        _file = file;
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        SetHandle((nint)(pointer + _view.PointerOffset));
        Length = length;
    }

    private MappedMemory(ReadOnlyMemory<byte> data)
        : base(0, ownsHandle: true)
    {
        _pin = data.Pin();
        SetHandle((nint)_pin.Pointer);
        Length = data.Length;
    }

    /// <summary>Gets the number of bytes.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Gets where the bytes begin; for who holds a lease.</summary>
    public byte* Pointer => (byte*)handle;

    /// <summary>Maps a file. Nothing is read but what is asked for later.</summary>
    /// <param name="path">The file. It must not be cut short while it is mapped.</param>
    public static MappedMemory Map(string path)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            // An empty file cannot be mapped at all.
            long length = stream.Length;
            return length >= SafetensorsFormat.PrefixLength
                ? new MappedMemory(MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false), length)
                : throw new InvalidArtifactException(
                    $"it has {length} bytes, and a safetensors file has at least {SafetensorsFormat.PrefixLength}. The file is damaged or cut short: fetch or write it again.", path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Uses memory that is there already, without copying it.</summary>
    public static MappedMemory Pin(ReadOnlyMemory<byte> data) => new(data);

    /// <summary>Keeps the memory from going until the lease is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">It is gone already.</exception>
    public Lease Borrow()
    {
        // A handle itself is closed only when its last user is gone, which may be never if users overlap.
        ObjectDisposedException.ThrowIf(_disposed, typeof(BattleIndex));
        bool added = false;
        DangerousAddRef(ref added);
        return new Lease(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _pin.Dispose();
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }

        return true;
    }

    /// <summary>Holds the memory.</summary>
    public readonly struct Lease(MappedMemory memory) : IDisposable
    {
        /// <summary>Lets the memory go.</summary>
        public void Dispose() => memory.DangerousRelease();
    }
}
