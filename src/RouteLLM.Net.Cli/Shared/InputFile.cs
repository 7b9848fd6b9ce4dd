using System.IO.Compression;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli;

/// <summary>A file to read, or standard input.</summary>
internal sealed class InputFile : IDisposable
{
    public const string Standard = "-";
    public const string StandardName = "standard input";

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

    private StreamReader Reader { get; }

    /// <summary>Gets the part that has been read, from 0 to 1; 0 if the length is unknown.</summary>
    public double Progress => Length is > 0 ? (double)_raw.Position / Length.Value : 0;

    private long? Length { get; }

    /// <summary>Reads a line, or gives <see langword="null"/> at the end.</summary>
    /// <param name="number">The line's number, for the message if the file is damaged.</param>
    /// <exception cref="EvaluationDataException">The file says that it is packed, and is not, or it is cut short.</exception>
    public string? ReadLine(int number)
    {
        try
        {
            return Reader.ReadLine();
        }
        catch (InvalidDataException error)
        {
            throw new EvaluationDataException(Name, number, $"the packed file is damaged or cut short ({error.Message}).", error);
        }
    }

    /// <param name="path">The file; unpacked if its name ends in <c>.gz</c>. A dash for standard input.</param>
    /// <param name="terminal">Where standard input is.</param>
    public static InputFile Open(string path, Terminal terminal)
    {
        if (path == Standard)
        {
            return new InputFile(StandardName, terminal.Input, isCompressed: false, length: null);
        }

        Check(path);
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
            return new InputFile(path, file, path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase), file.CanSeek ? file.Length : null);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new ToolException($"The file '{path}' may not be read.", error);
        }
    }

    /// <summary>Says in the tool's words that there is no such file.</summary>
    public static void Check(string path)
    {
        if (!File.Exists(path))
        {
            throw new ToolException(Directory.Exists(path) ? $"'{path}' is a folder; a file is expected." : $"There is no file '{path}'.");
        }
    }

    public void Dispose() => Reader.Dispose();
}
