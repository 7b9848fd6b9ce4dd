using System.Globalization;
using System.Text.RegularExpressions;

namespace RouteLLM.Diagnostics;

/// <summary>The file that a decision log is writing to, and when it is the next one's turn.</summary>
internal sealed class DecisionLogFile(DecisionLogOptions options, TimeProvider timeProvider) : IDisposable
{
    private readonly string _folder = Path.GetDirectoryName(Path.GetFullPath(options.Path))!;
    private readonly string _stem = Path.GetFileNameWithoutExtension(options.Path);
    private readonly string _extension = Path.GetExtension(options.Path);
    private readonly Regex _pattern = new($"^{Regex.Escape(Path.GetFileNameWithoutExtension(options.Path))}-([0-9]{{8}})-([0-9]{{3,9}}){Regex.Escape(Path.GetExtension(options.Path))}$", RegexOptions.CultureInvariant);
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
        (_day, _length) = (day, 0);

        // After the highest there is, not the first that is free: what was deleted for its age must not come back as the newest.
        int number = Find().Where(file => file.Day == day).Select(static file => file.Number).DefaultIfEmpty().Max();
        while (_stream is null)
        {
            string path = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_stem}-{day}-{++number:000}{_extension}"));
            try
            {
                // Unbuffered: lines come in batches. Made new, so that two processes that log to one place each get a file of their own.
                _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
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
        foreach (string path in Find()
            .OrderByDescending(static file => file.Day, StringComparer.Ordinal)
            .ThenByDescending(static file => file.Number)
            .Skip(options.RetainedFiles ?? int.MaxValue)
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

    private IEnumerable<(string Path, string Day, int Number)> Find() => Directory.EnumerateFiles(_folder)
        .Select(path => (Path: path, Match: _pattern.Match(Path.GetFileName(path))))
        .Where(static file => file.Match.Success)
        .Select(static file => (file.Path, file.Match.Groups[1].Value, int.Parse(file.Match.Groups[2].ValueSpan, CultureInfo.InvariantCulture)));
}
