using System.IO.Compression;

namespace RouteLLM.Evaluation;

/// <summary>Reads evaluation rows from JSON lines, a JSON array, CSV or Parquet, row by row.</summary>
/// <remarks>
/// <para>
/// A row has an <c>id</c> and a <c>prompt</c>, and optionally <c>source</c> (else the file's name without extensions), <c>split</c> (else empty), <c>scores</c> and <c>cost</c> (objects from model name to number), <c>tokens</c> (an object from model name to
/// an object with <c>input</c>, <c>output</c> and optionally <c>cached_input</c>), <c>latency_ms</c>, <c>p_strong</c>, <c>reference</c>, <c>lang</c> and <c>category</c>. In CSV and Parquet the columns are <c>scores.MODEL</c>, <c>tokens.MODEL.input</c> and so on.
/// Columns not named here are skipped, and so are blank lines; null, and an empty field of a CSV file, is no value; true and false are 1 and 0. <see cref="RowShape"/> has other shapes.
/// </para>
/// <para>
/// Refused, with an <see cref="EvaluationDataException"/> that names file, line and column: what is not well-formed, a missing column or id, a number that is NaN, infinite or out of range, a property that is there twice, an empty prompt and a second row with the same id
/// (unless <see cref="EvaluationReaderOptions"/> allow them), and a missing score of a model that they require.
/// </para>
/// <para>
/// Memory does not grow with the file but for the ids, which are hashed; of Parquet a row group is held at a time. Parquet.Net reads asynchronously only; enumerating such a file blocks while it does.
/// </para>
/// </remarks>
public static class EvaluationRowReader
{
    /// <summary>Reads a file row by row.</summary>
    /// <param name="path">
    /// The file. By its name it is CSV (<c>.csv</c>), Parquet (<c>.parquet</c>), a JSON array or JSON lines (<c>.json</c>, whichever it begins as), or else JSON lines; with <c>.gz</c> at the end it is gzipped, except for Parquet, which compresses itself.
    /// </param>
    /// <param name="options">What the rows look like and what is refused; the defaults if <see langword="null"/>.</param>
    /// <returns>The rows, in the file's order, read as they are enumerated.</returns>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="EvaluationDataException">A row is wrong, or the file is.</exception>
    public static IEnumerable<EvaluationRow> ReadFile(string path, EvaluationReaderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadFiles([path], options);
    }

    /// <summary>Reads the files of one data set one after the other; no id may occur twice in all of them.</summary>
    /// <param name="paths">The files, as for <see cref="ReadFile"/>.</param>
    /// <param name="options">What the rows look like and what is refused; the defaults if <see langword="null"/>.</param>
    /// <returns>The rows, in the files' order, read as they are enumerated.</returns>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="EvaluationDataException">A row is wrong, or a file is.</exception>
    public static IEnumerable<EvaluationRow> ReadFiles(IEnumerable<string> paths, EvaluationReaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= new();
        return Finish(paths.SelectMany(path => ReadRows(path, options)), options);
    }

    /// <summary>Reads rows from text.</summary>
    /// <param name="reader">The text: one JSON object a line, or CSV if the options say so.</param>
    /// <param name="name">What to call the text in errors, such as a file's name.</param>
    /// <param name="options">What the rows look like and what is refused; the defaults if <see langword="null"/>.</param>
    /// <returns>The rows, in order, read as they are enumerated.</returns>
    /// <exception cref="EvaluationDataException">A row is wrong.</exception>
    /// <exception cref="ArgumentException">The options ask for a format that cannot be read from text.</exception>
    public static IEnumerable<EvaluationRow> Read(TextReader reader, string name, EvaluationReaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= new();
        return Finish(options.Format switch
        {
            RowFormat.Csv => CsvRows.Read(reader, name, options),
            null or RowFormat.JsonLines => JsonRows.ReadLines(reader, name, options),
            _ => throw new ArgumentException($"{options.Format} cannot be read from text; expected {nameof(RowFormat.JsonLines)} or {nameof(RowFormat.Csv)}.", nameof(options)),
        }, options);
    }

    /// <summary>Reads MT-Bench as RouteLLM's evaluation has it: grades from 1 to 10 of the answers to two turns, of which routers see the first.</summary>
    /// <param name="questionPath">The file with the questions, <c>question.jsonl</c>: <c>question_id</c>, <c>category</c>, <c>turns</c>.</param>
    /// <param name="judgementPath">The file with the grades, <c>judgements.jsonl</c>: <c>question_id</c>, <c>model</c>, <c>score</c>.</param>
    /// <returns>A row for each question that was graded, with the mean grade of each model, on <see cref="ScoreScale.OneToTen"/>.</returns>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="EvaluationDataException">A line is wrong.</exception>
    public static IReadOnlyList<EvaluationRow> ReadMtBench(string questionPath, string judgementPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(questionPath);
        ArgumentException.ThrowIfNullOrEmpty(judgementPath);
        return MtBenchRows.Read(questionPath, judgementPath);
    }

    /// <summary>Opens a text file, decompressing it if its name says so.</summary>
    internal static StreamReader OpenText(string path)
    {
        Stream file = File.OpenRead(path);
        return new StreamReader(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file);
    }

    private static IEnumerable<EvaluationRow> Finish(IEnumerable<EvaluationRow> rows, EvaluationReaderOptions options)
    {
        if (options.Shape == RowShape.RouterArena)
        {
            return AnswerRows.Join(rows);
        }

        return options.AllowDuplicateIds ? rows : RequireNewIds(rows);

        static IEnumerable<EvaluationRow> RequireNewIds(IEnumerable<EvaluationRow> rows)
        {
            var seen = new SeenIds();
            foreach (EvaluationRow row in rows)
            {
                yield return seen.RequireNew(row);
            }
        }
    }

    private static IEnumerable<EvaluationRow> ReadRows(string path, EvaluationReaderOptions options)
    {
        RowFormat format = options.Format ?? FormatOf(path);
        if (format == RowFormat.Parquet)
        {
            foreach (EvaluationRow row in ParquetRows.Read(path, options))
            {
                yield return row;
            }

            yield break;
        }

        using StreamReader reader = OpenText(path);
        IEnumerable<EvaluationRow> rows = format switch
        {
            RowFormat.Csv => CsvRows.Read(reader, path, options),
            RowFormat.JsonArray => JsonRows.ReadArray(ReadBytes(reader.BaseStream, path), path, options),
            _ => JsonRows.ReadLines(reader, path, options),
        };
        foreach (EvaluationRow row in rows)
        {
            yield return row;
        }
    }

    private static RowFormat FormatOf(string path)
    {
        string name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        switch (Path.GetExtension(name).ToUpperInvariant())
        {
            case ".CSV":
                return RowFormat.Csv;
            case ".PARQUET":
                return RowFormat.Parquet;
            case ".PKL" or ".PICKLE":
                throw new EvaluationDataException(path, 1, "pickled files are not read, for reading one runs what it says. Write it with pandas' to_parquet first.");
            case ".JSON":
                return BeginsAsArray(path) ? RowFormat.JsonArray : RowFormat.JsonLines;
            default:
                return RowFormat.JsonLines;
        }
    }

    private static bool BeginsAsArray(string path)
    {
        try
        {
            using StreamReader reader = OpenText(path);
            int next;
            do
            {
                next = reader.Read();
            }
            while (next >= 0 && char.IsWhiteSpace((char)next));
            return next == '[';
        }
        catch (InvalidDataException exception)
        {
            throw TextLines.Damaged(path, 1, exception);
        }
    }

    private static byte[] ReadBytes(Stream stream, string path)
    {
        try
        {
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            byte[] bytes = memory.ToArray();

            // A byte order mark is no JSON.
            return bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes[3..] : bytes;
        }
        catch (InvalidDataException exception)
        {
            throw TextLines.Damaged(path, 1, exception);
        }
    }
}
