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
        int before = 0;
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            IgnoreBlankLines = true,
            BadDataFound = args => throw new RowProblemException("a quote is out of place or not closed; a field with a quote, comma or line break in it is quoted as a whole, with quotes doubled.", args.Context.Parser?.Count + 1),
        };
        using var parser = new CsvParser(reader, configuration, leaveOpen: true);
        if (!Next(parser, name, 1))
        {
            throw new EvaluationDataException(name, 1, "it is empty; expected a line with the names of the columns.");
        }

        var builder = new RowBuilder(options, name);
        RowColumn[] columns = [.. Enumerable.Range(0, parser.Count).Select(i => builder.Column(parser[i]))];
        RequireColumns(columns, name, options);
        before = parser.RawRow;
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
        catch (RowProblemException exception)
        {
            throw new EvaluationDataException(name, line, exception.Column, exception.Message);
        }
        catch (InvalidDataException exception)
        {
            throw TextLines.Damaged(name, line, exception);
        }
    }

    private static EvaluationRow ReadRow(CsvParser parser, RowColumn[] columns, RowBuilder builder, string name, int line, int number)
    {
        int field = 0;
        try
        {
            if (parser.Count != columns.Length)
            {
                throw new EvaluationDataException(name, line, $"it has {parser.Count} fields; expected {columns.Length}, as the header has.");
            }

            builder.Clear();
            for (; field < columns.Length; field++)
            {
                if (columns[field].Field != RowField.None)
                {
                    builder.Set(columns[field], RowCell.OfField(parser[field], columns[field].IsText));
                }
            }

            return builder.Build(line, number);
        }
        catch (RowProblemException exception)
        {
            throw new EvaluationDataException(name, line, field < columns.Length ? field + 1 : null, exception.Message);
        }
    }
}
