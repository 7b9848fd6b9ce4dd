using System.IO.Compression;

namespace RouteLLM.Cli;

/// <summary>A file to write that is there whole or not at all, or standard output.</summary>
/// <remarks>What is written goes to a file beside it, which takes its name on <see cref="Commit"/>; without it, nothing is left behind and an older file stays.</remarks>
internal sealed class OutputFile : IDisposable
{
    public const string Standard = "-";

    private readonly string? _temporary;
    private readonly string _path;

    private OutputFile(string path, string? temporary, Stream stream)
    {
        _path = path;
        _temporary = temporary;
        Stream = stream;
    }

    public Stream Stream { get; }

    /// <param name="path">The file; packed if its name ends in <c>.gz</c>. A dash for standard output.</param>
    /// <param name="terminal">Where standard output is.</param>
    public static OutputFile Create(string path, Terminal terminal)
    {
        if (path == Standard)
        {
            terminal.Out.Flush();
            return new OutputFile(path, null, new BufferedStream(terminal.OutputStream));
        }

        try
        {
            if (OpenSpecial(path) is { } special)
            {
                return new OutputFile(path, null, Packed(path, special));
            }

            // Through a link, it is the file behind it that is written.
            string target = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? Path.GetFullPath(path);
            if (Directory.Exists(target))
            {
                throw new ToolException($"'{path}' is a folder; the name of a file is expected.");
            }

            string temporary = $"{target}.{Guid.NewGuid():n}.tmp";
            return new OutputFile(target, temporary, Packed(path, new FileStream(temporary, FileMode.CreateNew, FileAccess.Write)));
        }
        catch (DirectoryNotFoundException error)
        {
            throw new ToolException($"There is no folder '{Path.GetDirectoryName(Path.GetFullPath(path))}' to write '{Path.GetFileName(path)}' to.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new ToolException($"The file '{path}' may not be written.", error);
        }
    }

    /// <summary>Makes what was written the file.</summary>
    public void Commit()
    {
        Stream.Flush();
        if (_path != Standard)
        {
            Stream.Dispose();
        }

        if (_temporary is not null)
        {
            File.Move(_temporary, _path, overwrite: true);
        }
    }

    public void Dispose()
    {
        // Standard output is the program's, and gets what its buffer holds only by Commit or Flush: after an error there may be nobody to read it.
        if (_path != Standard)
        {
            Stream.Dispose();
        }

        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }
    }

    private static Stream Packed(string path, FileStream file) =>
        path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Optimal) : file;

    /// <summary>Opens a device or a pipe, which cannot be replaced by a file; gives <see langword="null"/> if the name is not of one.</summary>
    private static FileStream? OpenSpecial(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
        {
            return null;
        }

        string full = Path.GetFullPath(path);
        bool isDevice = full.StartsWith("/dev/", StringComparison.Ordinal) || full.StartsWith("/proc/", StringComparison.Ordinal);
        if (!isDevice && new FileInfo(full).Length > 0)
        {
            return null;
        }

        // A named pipe looks like an empty file, but cannot be sought in.
        var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        if (isDevice || !stream.CanSeek)
        {
            return stream;
        }

        stream.Dispose();
        return null;
    }
}
