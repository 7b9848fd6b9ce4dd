using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace RouteLLM.Evaluation;

/// <summary>Reads rows from Parquet, a row group at a time and only the columns that are used.</summary>
internal static class ParquetRows
{
    /// <summary>Reads rows; for the line of a row its number stands.</summary>
    public static IEnumerable<EvaluationRow> Read(string path, EvaluationReaderOptions options)
    {
        using FileStream stream = File.OpenRead(path);
        ParquetReader reader = Wait(() => OpenAsync(stream, path));
        try
        {
            var builder = new RowBuilder(options, path);
            DataField[] all = reader.Schema.GetDataFields();
            RowColumn[] names = Array.ConvertAll(all, field => builder.Column(string.Join('.', field.Path.ToList())));
            CsvRows.RequireColumns(names, path, options);
            int[] used = [.. Enumerable.Range(0, all.Length).Where(i => names[i].Field != RowField.None)];
            int rows = 0;
            for (int g = 0; g < reader.RowGroupCount; g++)
            {
                int group = g, first = rows;
                RowCell[][] cells = Wait(() => ReadGroupAsync(reader, group, [.. used.Select(i => (all[i], names[i]))], path, first));
                for (int i = 0; i < (cells.Length == 0 ? 0 : cells[0].Length); i++)
                {
                    yield return Build(builder, used, names, cells, i, path, ++rows);
                }
            }
        }
        finally
        {
            Wait(async () =>
            {
                await reader.DisposeAsync().ConfigureAwait(false);
                return true;
            });
        }
    }

    // Files are read by enumeration, which cannot await; on a thread of the pool there is no context to wait for in vain.
    private static T Wait<T>(Func<Task<T>> read) => Task.Run(read).GetAwaiter().GetResult();

    private static async Task<ParquetReader> OpenAsync(Stream stream, string path)
    {
        try
        {
            return await ParquetReader.CreateAsync(stream, leaveStreamOpen: true).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            throw new EvaluationDataException(path, 1, $"it is no Parquet file that can be read: {exception.Message}", exception);
        }
    }

    private static async Task<RowCell[][]> ReadGroupAsync(ParquetReader reader, int index, (DataField Field, RowColumn Column)[] columns, string path, int rowsBefore)
    {
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(index);
        var cells = new RowCell[columns.Length][];
        for (int i = 0; i < columns.Length; i++)
        {
            try
            {
                cells[i] = await ReadColumnAsync(group, columns[i].Field, columns[i].Column).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                throw new EvaluationDataException(path, rowsBefore + 1, $"the column \"{columns[i].Column.Name}\" of the row group that begins here cannot be read: {exception.Message}", exception);
            }
        }

        return cells;
    }

    private static EvaluationRow Build(RowBuilder builder, int[] used, RowColumn[] names, RowCell[][] cells, int row, string path, int number)
    {
        int column = 0;
        try
        {
            builder.Clear();
            for (; column < used.Length; column++)
            {
                builder.Set(names[used[column]], cells[column][row]);
            }

            return builder.Build(number, number);
        }
        catch (RowProblemException exception)
        {
            throw new EvaluationDataException(path, number, column < used.Length ? used[column] + 1 : null, exception.Message);
        }
    }

    private static Task<RowCell[]> ReadColumnAsync(ParquetRowGroupReader group, DataField field, RowColumn column)
    {
        if (field.MaxRepetitionLevel > 0)
        {
            throw new FormatException("it holds lists or maps; expected one value a row. A map of scores by model is read from a struct, or from columns named scores.MODEL.");
        }

        Type type = field.ClrType;
        return type == typeof(string) || type == typeof(ReadOnlyMemory<char>) ? ReadTextAsync(group, field)
            : type == typeof(double) ? ReadAsync<double>(group, field, static value => RowCell.OfNumber(value))
            : type == typeof(float) ? ReadAsync<float>(group, field, static value => RowCell.OfNumber(value))
            : type == typeof(bool) ? ReadAsync<bool>(group, field, static value => RowCell.OfNumber(value ? 1 : 0))
            : type == typeof(long) ? ReadAsync<long>(group, field, value => Whole(value, column))
            : type == typeof(int) ? ReadAsync<int>(group, field, value => Whole(value, column))
            : type == typeof(short) ? ReadAsync<short>(group, field, value => Whole(value, column))
            : type == typeof(sbyte) ? ReadAsync<sbyte>(group, field, value => Whole(value, column))
            : type == typeof(byte) ? ReadAsync<byte>(group, field, value => Whole(value, column))
            : type == typeof(uint) ? ReadAsync<uint>(group, field, value => Whole(value, column))
            : throw new FormatException($"it is of {type.Name}; expected text, numbers or truth values.");
    }

    // An id that happens to be a whole number is still an id.
    private static RowCell Whole(long value, RowColumn column) => column.IsText ? RowCell.OfText(value.ToString(CultureInfo.InvariantCulture)) : RowCell.OfNumber(value);

    private static async Task<RowCell[]> ReadTextAsync(ParquetRowGroupReader group, DataField field)
    {
        var values = new string?[group.RowCount];
        await group.ReadAsync(field, values.AsMemory()!, null).ConfigureAwait(false);
        return Array.ConvertAll(values, static value => value is null ? RowCell.Nothing : RowCell.OfText(value));
    }

    private static async Task<RowCell[]> ReadAsync<T>(ParquetRowGroupReader group, DataField field, Func<T, RowCell> convert)
        where T : struct
    {
        if (field.MaxDefinitionLevel == 0)
        {
            var values = new T[group.RowCount];
            await group.ReadAsync(field, values.AsMemory(), null).ConfigureAwait(false);
            return Array.ConvertAll(values, value => convert(value));
        }

        var nullable = new T?[group.RowCount];
        await group.ReadAsync(field, nullable.AsMemory(), null).ConfigureAwait(false);
        return Array.ConvertAll(nullable, value => value is { } present ? convert(present) : RowCell.Nothing);
    }
}
