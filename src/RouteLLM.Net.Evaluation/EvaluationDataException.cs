namespace RouteLLM.Evaluation;

/// <summary>A data set could not be read; the message names the file, the line and what is wrong with it.</summary>
public sealed class EvaluationDataException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="EvaluationDataException"/> class.</summary>
    /// <param name="file">The file's name or path.</param>
    /// <param name="line">The line's number, from 1.</param>
    /// <param name="problem">What is wrong and what was expected.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public EvaluationDataException(string file, int line, string problem, Exception? innerException = null)
        : base($"{file}, line {line}: {problem}", innerException)
    {
        File = file;
        Line = line;
    }

    /// <summary>Gets the file's name or path.</summary>
    public string File { get; }

    /// <summary>Gets the line's number, from 1.</summary>
    public int Line { get; }
}
