using System.Buffers;
using System.Collections.Concurrent;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>What a journal holds: answers and judgements by key, and the sum of all costs.</summary>
internal sealed class JournalContents
{
    private readonly ConcurrentDictionary<string, JournalEntry> _entries = new(StringComparer.Ordinal);
    private CallCost _cost = CallCost.None;

    /// <summary>Gets what all that is recorded cost, failures too.</summary>
    public CallCost Cost => _cost;

    /// <summary>Gets the length of the journal without an incomplete last line, in bytes.</summary>
    public long CompleteLength { get; private set; }

    /// <summary>Gets a value indicating whether the last line is complete but for its line feed.</summary>
    public bool LacksLineFeed { get; private set; }

    public JournalEntry? Find(string key) => _entries.GetValueOrDefault(key);

    /// <summary>Adds an entry; one caller at a time.</summary>
    public void Add(JournalEntry entry)
    {
        _cost += entry.Cost;
        if (entry.Kind != JournalKind.Failure)
        {
            _entries[entry.Key] = entry;
        }
    }

    /// <summary>Reads a journal. A process that was killed while it wrote leaves half a line at the end, which is passed over.</summary>
    /// <exception cref="EvaluationDataException">Another line is none of a journal.</exception>
    public static JournalContents Read(Stream stream, string path)
    {
        var contents = new JournalContents();
        var line = new ArrayBufferWriter<byte>();
        byte[] buffer = new byte[1 << 16];
        int number = 1;
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, read);
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                line.Write(rest[..end]);
                contents.AddLine(line.WrittenMemory, path, number++);
                contents.CompleteLength += line.WrittenCount + 1;
                line.ResetWrittenCount();
            }

            line.Write(rest);
        }

        contents.AddLastLine(line.WrittenMemory);
        return contents;
    }

    private void AddLine(ReadOnlyMemory<byte> line, string path, int number)
    {
        try
        {
            Add(JournalFormat.Read(line));
        }
        catch (FormatException error)
        {
            throw new EvaluationDataException(path, number, $"this is no line of a collection's journal: {error.Message} Delete the line to have what it recorded asked for anew, or name another journal.", error);
        }
    }

    private void AddLastLine(ReadOnlyMemory<byte> line)
    {
        if (line.IsEmpty)
        {
            return;
        }

        try
        {
            Add(JournalFormat.Read(line));
            CompleteLength += line.Length;
            LacksLineFeed = true;
        }
        catch (FormatException)
        {
            // Half a line: the answer it was to hold is asked for anew.
        }
    }
}
