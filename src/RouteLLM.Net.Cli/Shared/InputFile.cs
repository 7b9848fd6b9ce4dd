using System.IO.Compression;

namespace RouteLLM.Cli;

/// <summary>A file to read, or standard input.</summary>
internal sealed class InputFile : IDisposable
{
    public const string Standard = "-";

    private readonly Stream _raw;

    private InputFile(string name, Stream raw, bool isCompressed, long? length)
    {
        _raw = raw;
        Name = name;
        Length = length;
        Reader = new StreamReader(isCompressed ? new GZipStream(raw, CompressionMode.Decompress) : raw);
    }

    /// <summary>Gets the name to use in messages.</summary>
    public string Name { get; }

    public TextReader Reader { get; }

    /// <summary>Gets the part that has been read, from 0 to 1; 0 if the length is unknown.</summary>
    public double Progress => Length is > 0 ? (double)_raw.Position / Length.Value : 0;

    private long? Length { get; }

    /// <param name="path">The file; unpacked if its name ends in <c>.gz</c>. A dash for standard input.</param>
    /// <param name="terminal">Where standard input is.</param>
    public static InputFile Open(string path, Terminal terminal)
    {
        if (path == Standard)
        {
            return new InputFile("standard input", terminal.Input, isCompressed: false, length: null);
        }

        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
            return new InputFile(path, file, path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase), file.CanSeek ? file.Length : null);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ToolException($"There is no file '{path}'.", error);
        }
        catch (Exception error) when (error is UnauthorizedAccessException)
        {
            throw new ToolException(Directory.Exists(path) ? $"'{path}' is a folder; a file is expected." : $"The file '{path}' may not be read.", error);
        }
    }

    public void Dispose() => Reader.Dispose();
}
