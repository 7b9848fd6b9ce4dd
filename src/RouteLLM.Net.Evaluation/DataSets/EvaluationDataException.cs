namespace RouteLLM.Evaluation;

/// <summary>A data set could not be read; the message names the file, the line, where it is known the column, and what is wrong.</summary>
public sealed class EvaluationDataException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="EvaluationDataException"/> class.</summary>
    /// <param name="file">The file's name or path.</param>
    /// <param name="line">The line's number, from 1; in a Parquet file the row's.</param>
    /// <param name="problem">What is wrong and what was expected.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public EvaluationDataException(string file, int line, string problem, Exception? innerException = null)
        : this(file, line, null, problem, innerException)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="EvaluationDataException"/> class with a column.</summary>
    /// <param name="file">The file's name or path.</param>
    /// <param name="line">The line's number, from 1; in a Parquet file the row's.</param>
    /// <param name="column">The number of the column, from 1: of the character in a line of JSON, of the field in CSV and Parquet; <see langword="null"/> if it is the whole row.</param>
    /// <param name="problem">What is wrong and what was expected.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public EvaluationDataException(string file, int line, int? column, string problem, Exception? innerException = null)
        : base($"{file}, line {line}{(column is null ? "" : $", column {column}")}: {problem}", innerException)
    {
        File = file;
        Line = line;
        Column = column;
        Problem = problem;
    }

    /// <summary>Gets the file's name or path.</summary>
    public string File { get; }

    /// <summary>Gets the line's number, from 1; in a Parquet file the row's.</summary>
    public int Line { get; }

    /// <summary>Gets what is wrong and what was expected, without the place.</summary>
    public string Problem { get; }

    /// <summary>Gets the number of the column, from 1: of the character in a line of JSON, of the field in CSV and Parquet; <see langword="null"/> if it is the whole row.</summary>
    public int? Column { get; }
}
