using Spectre.Console;

namespace RouteLLM.Cli;

/// <summary>A table of results, to be looked at or to be cut by other programs.</summary>
internal sealed class ResultTable
{
    private readonly string[] _headers;
    private readonly bool[] _isNumber;
    private readonly bool _hasHeader;
    private readonly List<string[]> _rows = [];

    private ResultTable(string[] columns, bool hasHeader)
    {
        _isNumber = [.. columns.Select(static column => column.StartsWith('#'))];
        _headers = [.. columns.Select(static column => column.TrimStart('#'))];
        _hasHeader = hasHeader;
    }

    /// <summary>Gets what stands above the table when it is drawn.</summary>
    public string? Title { get; set; }

    /// <param name="columns">The columns' headings; one that begins with # is of numbers, and aligned to the right.</param>
    public static ResultTable Of(params string[] columns) => new(columns, hasHeader: true);

    /// <summary>Makes a table of two columns, names and values, without headings.</summary>
    public static ResultTable OfProperties() => new(["name", "value"], hasHeader: false);

    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes one line a row. Tabs and line ends inside a cell become blanks.</summary>
    public void Write(TextWriter writer)
    {
        if (_hasHeader)
        {
            writer.WriteLine(string.Join('\t', _headers));
        }

        foreach (string[] row in _rows)
        {
            WriteLine(writer, row);
        }
    }

    /// <summary>Writes one row as a line, for rows that come one by one.</summary>
    public static void WriteLine(TextWriter writer, params string[] cells) =>
        writer.WriteLine(string.Join('\t', cells.Select(static cell => cell.ReplaceLineEndings(" ").Replace('\t', ' '))));

    public void Draw(IAnsiConsole canvas)
    {
        var table = new Table().RoundedBorder();
        table.ShowHeaders = _hasHeader;
        table.Title = Title is null ? null : new TableTitle(Markup.Escape(Title));
        foreach ((int i, string header) in _headers.Index())
        {
            table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))) { Alignment = _isNumber[i] ? Justify.Right : Justify.Left, NoWrap = _isNumber[i] });
        }

        foreach (string[] row in _rows)
        {
            table.AddRow(row.Select(static cell => new Text(cell)));
        }

        canvas.Write(table);
    }
}
