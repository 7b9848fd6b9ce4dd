namespace RouteLLM.Evaluation;

/// <summary>Something is wrong with a row; whoever reads the file adds where.</summary>
internal sealed class RowProblemException(string problem, int? column = null, Exception? innerException = null) : Exception(problem, innerException)
{
    /// <summary>Gets the number of the column from 1, or <see langword="null"/> for the whole row.</summary>
    public int? Column { get; } = column;
}
