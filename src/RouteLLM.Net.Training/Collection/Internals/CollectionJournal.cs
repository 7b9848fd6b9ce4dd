using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>A journal that is open for appending, by one collector at a time.</summary>
internal sealed class CollectionJournal : IDisposable
{
    private readonly FileStream _file;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _lock = new();

    private CollectionJournal(FileStream file, JournalContents contents, TimeProvider timeProvider)
    {
        _file = file;
        _timeProvider = timeProvider;
        Contents = contents;
    }

    public JournalContents Contents { get; }

    /// <summary>Reads a journal that may not exist, and changes nothing.</summary>
    /// <exception cref="EvaluationDataException">A line is none of a journal.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static JournalContents Read(string path)
    {
        if (!File.Exists(path))
        {
            return new JournalContents();
        }

        using FileStream file = OpenFile(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return JournalContents.Read(file, path);
    }

    /// <summary>Opens a journal, makes it if it does not exist, and cuts off half a line at its end.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static CollectionJournal Open(string path, TimeProvider timeProvider)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        // Not shared, since that is the only lock that all systems keep.
        FileStream file = OpenFile(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            JournalContents contents = JournalContents.Read(file, path);
            file.SetLength(contents.CompleteLength);
            file.Position = contents.CompleteLength;
            if (contents.LacksLineFeed)
            {
                file.Write("\n"u8);
            }

            return new CollectionJournal(file, contents, timeProvider);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends an entry. What was paid for is on the disk when this returns, so that not even a loss of power makes it be paid for twice.</summary>
    public void Append(JournalEntry entry)
    {
        ReadOnlyMemory<byte> line = JournalFormat.Write(entry, _timeProvider.GetUtcNow());
        lock (_lock)
        {
            _file.Write(line.Span);
            _file.Flush(flushToDisk: entry.Cost.Calls > 0);
            Contents.Add(entry);
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream OpenFile(string path, FileMode mode, FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream(path, mode, access, share);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new IOException($"The journal '{path}' cannot be opened; if another collection is using it, wait for its end or name another journal. ({error.Message})", error);
        }
    }
}
