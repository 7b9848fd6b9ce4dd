namespace RouteLLM.Evaluation;

/// <summary>Reads decision logs: JSON lines, one decision a line, row by row in bounded memory.</summary>
/// <remarks>
/// <para>
/// A line may have <c>time</c> (ISO 8601; without an offset it is UTC), <c>route</c>, <c>win_probability</c> (or, where that is missing, <c>score</c>), <c>threshold</c>, <c>prompt</c>, <c>query_length</c>, <c>input_tokens</c>, <c>output_tokens</c>,
/// <c>cost</c> (USD), <c>latency_ms</c> and <c>reward</c>. None is required; null is no value. Other properties are kept if they are text, or a number, which is kept as it is written; what else there is is skipped. A log of several routers says by <c>fingerprint</c> which artifact decided. Blank lines are skipped.
/// </para>
/// <para>
/// Refused, with an <see cref="EvaluationDataException"/> that names file, line and column, or skipped if one asks for that: what is no JSON object, a win probability outside [0, 1], a count that is no whole number, a negative cost or latency, a value of the wrong
/// type, a known property that is there twice.
/// </para>
/// </remarks>
public static class DecisionLogReader
{
    /// <summary>Reads a log.</summary>
    /// <param name="path">The file; gzipped if its name ends in <c>.gz</c>.</param>
    /// <param name="invalidLine">Told of each line that is refused, which is then skipped; if <see langword="null"/>, the default, the first such line is thrown. A log that is still being written ends in half a line.</param>
    /// <returns>The decisions, in the file's order, read as they are enumerated.</returns>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="EvaluationDataException">A line is wrong, or the file cannot be decompressed.</exception>
    public static IEnumerable<LoggedDecision> ReadFile(string path, Action<EvaluationDataException>? invalidLine = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ReadFiles([path], invalidLine);
    }

    /// <summary>Reads the files of a log one after the other, as rotated logs are.</summary>
    /// <param name="paths">The files, as for <see cref="ReadFile"/>.</param>
    /// <param name="invalidLine">Told of each line that is refused, which is then skipped; if <see langword="null"/>, the default, the first such line is thrown.</param>
    /// <returns>The decisions, in the files' order, read as they are enumerated.</returns>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="EvaluationDataException">A line is wrong, or a file cannot be decompressed.</exception>
    public static IEnumerable<LoggedDecision> ReadFiles(IEnumerable<string> paths, Action<EvaluationDataException>? invalidLine = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return paths.SelectMany(path => ReadText(path, invalidLine));

        static IEnumerable<LoggedDecision> ReadText(string path, Action<EvaluationDataException>? invalidLine)
        {
            using StreamReader reader = EvaluationRowReader.OpenText(path);
            foreach (LoggedDecision decision in Read(reader, path, invalidLine))
            {
                yield return decision;
            }
        }
    }

    /// <summary>Reads a log from text.</summary>
    /// <param name="reader">The text: one JSON object a line.</param>
    /// <param name="name">What to call the text in errors, such as a file's name.</param>
    /// <param name="invalidLine">Told of each line that is refused, which is then skipped; if <see langword="null"/>, the default, the first such line is thrown.</param>
    /// <returns>The decisions, in order, read as they are enumerated.</returns>
    /// <exception cref="EvaluationDataException">A line is wrong, or the text cannot be decompressed.</exception>
    public static IEnumerable<LoggedDecision> Read(TextReader reader, string name, Action<EvaluationDataException>? invalidLine = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return ReadLines(reader, name, invalidLine);
    }

    private static IEnumerable<LoggedDecision> ReadLines(TextReader reader, string name, Action<EvaluationDataException>? invalidLine)
    {
        byte[] buffer = [];
        for (int number = 1; TextLines.Read(reader, name, number) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line) && Parse(line, ref buffer, name, number, invalidLine) is { } decision)
            {
                yield return decision;
            }
        }
    }

    private static LoggedDecision? Parse(string line, ref byte[] buffer, string name, int number, Action<EvaluationDataException>? invalidLine)
    {
        try
        {
            return DecisionLine.Parse(line, ref buffer, name, number);
        }
        catch (EvaluationDataException error) when (invalidLine is not null)
        {
            invalidLine(error);
            return null;
        }
    }
}
