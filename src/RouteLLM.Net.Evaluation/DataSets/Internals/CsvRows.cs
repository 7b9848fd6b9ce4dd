using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace RouteLLM.Evaluation;

/// <summary>Reads rows from comma-separated values with a header.</summary>
internal static class CsvRows
{
    /// <summary>Reads rows; their lines are those on which they begin, for a quoted field may go over several.</summary>
    public static IEnumerable<EvaluationRow> Read(TextReader reader, string name, EvaluationReaderOptions options)
    {
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            IgnoreBlankLines = true,
            BadDataFound = static _ => throw new RowProblemException("a quote is out of place or not closed; a field with a quote, comma or line break in it is quoted as a whole, with quotes doubled."),
        };
        using var parser = new CsvParser(reader, configuration, leaveOpen: true);
        if (!Next(parser, name, 1))
        {
            throw new EvaluationDataException(name, 1, "it is empty; expected a line with the names of the columns.");
        }

        var builder = new RowBuilder(options, name);
        RowColumn[] columns = ReadHeader(parser, builder, name);
        RequireColumns(columns, name, options);
        int before = parser.RawRow;
        for (int number = 1; Next(parser, name, before + 1); number++)
        {
            yield return ReadRow(parser, columns, builder, name, before + 1, number);
            before = parser.RawRow;
        }
    }

    /// <summary>Checks that a table has the columns it must have.</summary>
    public static void RequireColumns(IReadOnlyList<RowColumn> columns, string name, EvaluationReaderOptions options)
    {
        foreach (RowField field in RowBuilder.RequiredFields(options.Shape))
        {
            if (!columns.Any(column => column.Field == field))
            {
                throw new EvaluationDataException(
                    name, 1, $"there is no column for the {field.ToString().ToLowerInvariant()} (shape {options.Shape}); it has {string.Join(", ", columns.Select(static column => $"\"{column.Name}\""))}.");
            }
        }
    }

    private static bool Next(CsvParser parser, string name, int line)
    {
        try
        {
            return parser.Read();
        }
        catch (InvalidDataException exception)
        {
            throw TextLines.Damaged(name, line, exception);
        }
    }

    private static RowColumn[] ReadHeader(CsvParser parser, RowBuilder builder, string name)
    {
        try
        {
            return [.. Enumerable.Range(0, parser.Count).Select(i => builder.Column(parser[i]))];
        }
        catch (RowProblemException exception)
        {
            throw new EvaluationDataException(name, 1, exception.Message);
        }
    }

    private static EvaluationRow ReadRow(CsvParser parser, RowColumn[] columns, RowBuilder builder, string name, int line, int number)
    {
        int field = 0;
        try
        {
            builder.Clear();
            int fields = Math.Min(parser.Count, columns.Length);
            for (; field < fields; field++)
            {
                // Quotes are looked at when a field is taken; one that is not closed has swallowed rows, so fields that nobody wants are taken too.
                string text = parser[field];
                if (columns[field].Field != RowField.None)
                {
                    builder.Set(columns[field], RowCell.OfField(text, columns[field].IsText));
                }
            }

            field = columns.Length;
            return parser.Count == columns.Length
                ? builder.Build(line, number)
                : throw new RowProblemException($"it has {parser.Count} fields; expected {columns.Length}, as the header has.");
        }
        catch (RowProblemException exception)
        {
            throw new EvaluationDataException(name, line, field < columns.Length ? field + 1 : null, exception.Message);
        }
    }
}
