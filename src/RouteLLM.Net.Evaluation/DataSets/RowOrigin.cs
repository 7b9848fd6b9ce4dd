namespace RouteLLM.Evaluation;

/// <summary>Where a row was read.</summary>
/// <param name="File">The file's name or path.</param>
/// <param name="Line">The line on which the row begins, from 1; in a Parquet file the row's number.</param>
public readonly record struct RowOrigin(string File, int Line)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}, line {Line}";
}
