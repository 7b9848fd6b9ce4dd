using Parquet;
using Parquet.Schema;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Reads whole columns of a Parquet file's row groups.</summary>
internal static class ParquetColumns
{
    /// <summary>Opens a file.</summary>
    /// <exception cref="EvaluationDataException">It is no Parquet file.</exception>
    public static async Task<ParquetReader> OpenAsync(string path, CancellationToken cancellationToken)
    {
        // Reading a missing file is told as such.
        FileStream stream = File.OpenRead(path);
        try
        {
            return await ParquetReader.CreateAsync(stream, leaveStreamOpen: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new EvaluationDataException(path, 1, $"it is no Parquet file that can be read: {exception.Message}", exception);
        }
    }

    /// <summary>Finds a column by the name of its outermost field, or <see langword="null"/>.</summary>
    public static DataField? Find(ParquetReader reader, string name) => Array.Find(reader.Schema.GetDataFields(), field => field.Path.FirstPart == name);

    /// <summary>Reads a column of text.</summary>
    public static async Task<string?[]> ReadTextAsync(ParquetRowGroupReader group, DataField field, CancellationToken cancellationToken)
    {
        if (field.MaxRepetitionLevel > 0 || (field.ClrType != typeof(string) && field.ClrType != typeof(ReadOnlyMemory<char>)))
        {
            throw new FormatException($"the column \"{field.Name}\" is of {field.ClrType.Name}{(field.MaxRepetitionLevel > 0 ? " lists" : "")}; expected text.");
        }

        var values = new string?[group.RowCount];
        await group.ReadAsync(field, values.AsMemory()!, null, cancellationToken).ConfigureAwait(false);
        return values;
    }

    /// <summary>Reads a column of whole numbers or truth values; nothing is 0.</summary>
    public static Task<long[]> ReadFlagsAsync(ParquetRowGroupReader group, DataField field, CancellationToken cancellationToken) =>
        field.ClrType == typeof(bool) ? ReadAsync<bool>(group, field, static value => value ? 1 : 0, cancellationToken)
        : field.ClrType == typeof(int) ? ReadAsync<int>(group, field, static value => value, cancellationToken)
        : field.ClrType == typeof(long) ? ReadAsync<long>(group, field, static value => value, cancellationToken)
        : field.ClrType == typeof(short) ? ReadAsync<short>(group, field, static value => value, cancellationToken)
        : field.ClrType == typeof(sbyte) ? ReadAsync<sbyte>(group, field, static value => value, cancellationToken)
        : field.ClrType == typeof(byte) ? ReadAsync<byte>(group, field, static value => value, cancellationToken)
        : throw new FormatException($"the column \"{field.Name}\" is of {field.ClrType.Name}; expected whole numbers or truth values.");

    /// <summary>Reads a column of lists of numbers: all numbers, and the repetition level of each, 0 where a row begins.</summary>
    public static Task<(float[] Values, int[] Repetitions)> ReadNumbersAsync(ParquetRowGroupReader group, DataField field, CancellationToken cancellationToken) =>
        field.ClrType == typeof(float) ? ReadListsAsync<float>(group, field, static value => value, cancellationToken)
        : field.ClrType == typeof(double) ? ReadListsAsync<double>(group, field, static value => (float)value, cancellationToken)
        : throw new FormatException($"the column \"{field.Name}\" is of {field.ClrType.Name}; expected lists of 32-bit or 64-bit floats.");

    private static async Task<(float[] Values, int[] Repetitions)> ReadListsAsync<T>(ParquetRowGroupReader group, DataField field, Func<T, float> convert, CancellationToken cancellationToken)
        where T : struct
    {
        if (field.MaxRepetitionLevel != 1)
        {
            throw new FormatException($"the column \"{field.Name}\" holds {(field.MaxRepetitionLevel == 0 ? "single numbers" : "nested lists")}; expected lists of numbers.");
        }

        int count = (int)(group.GetMetadata(field)?.MetaData?.NumValues ?? 0);
        var values = new T[count];
        int[] definitions = new int[count], repetitions = new int[count];
        await group.ReadRawAsync<T>(field, values, definitions, repetitions, cancellationToken).ConfigureAwait(false);
        return definitions.AsSpan().IndexOfAnyExcept(field.MaxDefinitionLevel) is int missing and >= 0
            ? throw new FormatException($"the column \"{field.Name}\" has nothing where a number was expected, in row {repetitions.AsSpan(0, missing + 1).Count(0)} of its row group.")
            : (Array.ConvertAll(values, value => convert(value)), repetitions);
    }

    private static async Task<long[]> ReadAsync<T>(ParquetRowGroupReader group, DataField field, Func<T, long> convert, CancellationToken cancellationToken)
        where T : struct
    {
        if (!field.IsNullable)
        {
            var values = new T[group.RowCount];
            await group.ReadAsync(field, values.AsMemory(), null, cancellationToken).ConfigureAwait(false);
            return Array.ConvertAll(values, value => convert(value));
        }

        var nullable = new T?[group.RowCount];
        await group.ReadAsync(field, nullable.AsMemory(), null, cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(nullable, value => value is { } present ? convert(present) : 0);
    }
}
