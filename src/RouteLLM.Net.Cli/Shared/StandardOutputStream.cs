using Microsoft.Win32.SafeHandles;

namespace RouteLLM.Cli;

/// <summary>Standard output, which says so when its reader has gone.</summary>
/// <remarks>.NET's own stream of standard output drops what nobody reads, so that a program goes on working for no one.</remarks>
internal sealed class StandardOutputStream(Stream inner) : Stream
{
    private const int StandardOutputDescriptor = 1;
    private const int BrokenPipe = 32;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static StandardOutputStream Open()
    {
        if (!OperatingSystem.IsWindows())
        {
            var pipe = new FileStream(new SafeFileHandle(StandardOutputDescriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!pipe.CanSeek)
            {
                return new StandardOutputStream(pipe);
            }
        }

        // A stream over the handle of a file would keep a position of its own, which the next program that the shell starts knows nothing of.
        return new StandardOutputStream(Console.OpenStandardOutput());
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (IOException error) when (error.HResult == BrokenPipe)
        {
            throw new ClosedPipeException(error);
        }
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
