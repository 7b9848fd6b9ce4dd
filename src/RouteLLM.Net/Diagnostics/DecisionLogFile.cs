using System.Globalization;
using System.Text.RegularExpressions;

namespace RouteLLM.Diagnostics;

/// <summary>The file that a decision log is writing to, and when it is the next one's turn.</summary>
internal sealed class DecisionLogFile(DecisionLogOptions options, TimeProvider timeProvider) : IDisposable
{
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(options.Path))!;
    private readonly string _stem = Path.GetFileNameWithoutExtension(options.Path);
    private readonly string _extension = Path.GetExtension(options.Path);
    private FileStream? _stream;
    private string _day = "";
    private long _length;

    /// <summary>Writes lines in full, or leaves none of them behind.</summary>
    /// <exception cref="IOException">They could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file or its folder is denied.</exception>
    public void Write(ReadOnlySpan<byte> lines)
    {
        string day = timeProvider.GetUtcNow().UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        if (_stream is null || day != _day || (_length > 0 && _length + lines.Length > options.MaxFileBytes))
        {
            Open(day);
        }

        try
        {
            _stream!.Write(lines);
            _stream.Flush(options.FlushToDisk);
            _length += lines.Length;
        }
        catch
        {
            // Half a line would make the rest of the file unreadable. The next attempt begins a new file, and the disk may be full for cutting this one too.
            try
            {
                _stream!.SetLength(_length);
            }
            catch (IOException)
            {
            }

            Close();
            throw;
        }
    }

    public void Dispose() => Close();

    private void Close()
    {
        _stream?.Dispose();
        _stream = null;
    }

    private void Open(string day)
    {
        Close();
        Directory.CreateDirectory(_folder);
        _day = day;
        _length = 0;
        for (int number = 1; ; number++)
        {
            string path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_stem}-{day}-{number:000}{_extension}"));
            if (File.Exists(path))
            {
                continue;
            }

            try
            {
                // Unbuffered: lines come in batches. Made new, so that two processes that log to one place each get a file of their own.
                _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
                break;
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process was faster.
            }
        }

        DeleteOld();
    }

    private void DeleteOld()
    {
        if (options.RetainedFiles is not { } retained)
        {
            return;
        }

        var pattern = new Regex($"^{Regex.Escape(_stem)}-([0-9]{{8}})-([0-9]{{3,9}}){Regex.Escape(_extension)}$", RegexOptions.CultureInvariant);
        foreach (string path in Directory.EnumerateFiles(_folder)
            .Select(path => (Path: path, Match: pattern.Match(Path.GetFileName(path))))
            .Where(static file => file.Match.Success)
            .OrderByDescending(static file => file.Match.Groups[1].Value, StringComparer.Ordinal)
            .ThenByDescending(static file => int.Parse(file.Match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
            .Skip(retained)
            .Select(static file => file.Path))
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // In use elsewhere, or not ours to delete: the next turn tries again.
            }
        }
    }
}
