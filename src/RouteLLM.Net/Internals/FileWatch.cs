namespace RouteLLM.Internals;

/// <summary>Looks every few seconds whether files have changed. Thread-safe.</summary>
/// <remarks>
/// It polls, for what an operating system tells of changes is lost on network drives and where a file is a link whose target changes, as in containers. A change counts once the file has stayed the same from one look to the next, so that
/// a file is not read while it is being written.
/// </remarks>
internal sealed class FileWatch(TimeProvider timeProvider) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Seen> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private ITimer? _timer;
    private bool _isDisposed;

    /// <summary>How often it looks.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets what is called when a file has changed.</summary>
    public Action? Changed { get; set; }

    /// <summary>Begins a reading of files.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _read.Clear();
        }
    }

    /// <summary>Watches a file from now on; to be called before it is read, so that no change falls in between.</summary>
    public void Add(string path)
    {
        lock (_lock)
        {
            _read.Add(path);
            _files[path] = new(Stamp.Of(path), Candidate: null);
            if (!_isDisposed)
            {
                _timer ??= timeProvider.CreateTimer(static watch => ((FileWatch)watch!).Look(), this, Interval, Interval);
            }
        }
    }

    /// <summary>Ends a reading: files that it did not read any more are not watched any longer. A reading that failed is not ended, for it may not have come to all.</summary>
    public void End()
    {
        lock (_lock)
        {
            foreach (string path in _files.Keys.Where(path => !_read.Contains(path)).ToArray())
            {
                _files.Remove(path);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    private void Look()
    {
        bool changed = false;
        lock (_lock)
        {
            foreach ((string path, Seen seen) in _files.ToArray())
            {
                Stamp now = Stamp.Of(path);
                if (now == seen.Accepted)
                {
                    _files[path] = seen with { Candidate = null };
                }
                else if (now == seen.Candidate)
                {
                    _files[path] = new(now, Candidate: null);
                    changed = true;
                }
                else
                {
                    _files[path] = seen with { Candidate = now };
                }
            }
        }

        if (changed)
        {
            Changed?.Invoke();
        }
    }

    private readonly record struct Seen(Stamp Accepted, Stamp? Candidate);

    private readonly record struct Stamp(string? Target, DateTime Written, long Length)
    {
        public static Stamp Of(string path)
        {
            try
            {
                var file = new FileInfo(path);
                file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                return file.Exists ? new(file.FullName, file.LastWriteTimeUtc, file.Length) : default;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return default;
            }
        }
    }
}
