using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>A column of lists of floats in a Parquet file.</summary>
internal sealed class ParquetEmbeddings : IEmbeddingFile
{
    private readonly string _path;
    private readonly ParquetReader _reader;
    private readonly DataField _field;

    private ParquetEmbeddings(string path, ParquetReader reader, DataField field)
    {
        _path = path;
        _reader = reader;
        _field = field;
        Count = reader.Metadata?.NumRows ?? 0;
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <exception cref="EvaluationDataException">The file is no Parquet file, or has no such column.</exception>
    public static async Task<ParquetEmbeddings> OpenAsync(string path, string column, CancellationToken cancellationToken)
    {
        ParquetReader reader = await ParquetColumns.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        if (ParquetColumns.Find(reader, column) is { } field)
        {
            return new ParquetEmbeddings(path, reader, field);
        }

        string columns = string.Join(", ", reader.Schema.Fields.Select(static field => field.Name));
        await reader.DisposeAsync().ConfigureAwait(false);
        throw new EvaluationDataException(path, 1, $"there is no column \"{column}\" of embeddings; it has {columns}.");
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<float[]> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int done = 0;
        for (int i = 0; i < _reader.RowGroupCount; i++)
        {
            using ParquetRowGroupReader group = _reader.OpenRowGroupReader(i);
            (float[] values, int[] repetitions) = await ReadAsync(group, done, cancellationToken).ConfigureAwait(false);
            for (int start = 0; start < values.Length;)
            {
                int next = repetitions.AsSpan(start + 1).IndexOf(0);
                int end = next < 0 ? values.Length : start + 1 + next;
                done++;
                yield return values[start..end];
                start = end;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    private async Task<(float[] Values, int[] Repetitions)> ReadAsync(ParquetRowGroupReader group, int done, CancellationToken cancellationToken)
    {
        try
        {
            (float[] values, int[] repetitions) = await ParquetColumns.ReadNumbersAsync(group, _field, cancellationToken).ConfigureAwait(false);
            int rows = repetitions.AsSpan().Count(0);
            return rows == group.RowCount ? (values, repetitions) : throw new FormatException($"the column \"{_field.Path.FirstPart}\" has {rows} rows of {group.RowCount}.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new EvaluationDataException(_path, done + 1, $"in the row group that begins here: {exception.Message}", exception);
        }
    }
}
