using System.Globalization;

namespace RouteLLM.Evaluation;

/// <summary>Puts a row together from its cells and checks it.</summary>
internal sealed class RowBuilder(EvaluationReaderOptions options, string file)
{
    private readonly Dictionary<RowField, string> _texts = [];
    private readonly Dictionary<string, RowColumn> _columns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long? Input, long? Output, long? Cached)> _tokens = new(StringComparer.Ordinal);
    private readonly string _defaultSource = DefaultSource(file);
    private Dictionary<string, double> _scores = new(StringComparer.Ordinal);
    private Dictionary<string, double> _costs = new(StringComparer.Ordinal);
    private Dictionary<string, double> _latencies = new(StringComparer.Ordinal);
    private double? _strongProbability;

    /// <summary>Gets the columns a file in this shape must have.</summary>
    public static IReadOnlyList<RowField> RequiredFields(RowShape shape) => shape switch
    {
        RowShape.RouteLlm => [RowField.Prompt],
        RowShape.RouterArena => [RowField.Id, RowField.Prompt, RowField.Model],
        _ => [RowField.Id, RowField.Prompt],
    };

    /// <summary>Finds out what a column means; the same name gives the same object.</summary>
    public RowColumn Column(ReadOnlySpan<char> name)
    {
        Dictionary<string, RowColumn>.AlternateLookup<ReadOnlySpan<char>> lookup = _columns.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(name, out RowColumn? column))
        {
            column = RowColumn.Bind(options.Shape, name.ToString());

            // Names that differ in every row must not fill the memory.
            if (_columns.Count < 10_000)
            {
                _columns.Add(column.Name, column);
            }
        }

        return column;
    }

    /// <summary>Forgets the cells of the row before.</summary>
    public void Clear()
    {
        _texts.Clear();
        _tokens.Clear();
        _strongProbability = null;
        (_scores, _costs, _latencies) = (Fresh(_scores), Fresh(_costs), Fresh(_latencies));

        // Those that are not empty belong to the row before, or to one that failed.
        static Dictionary<string, double> Fresh(Dictionary<string, double> values) => values.Count == 0 ? values : new(StringComparer.Ordinal);
    }

    /// <summary>Adds a cell.</summary>
    /// <exception cref="RowProblemException">The cell does not hold what its column should, or the column was there already.</exception>
    public void Set(RowColumn column, RowCell cell)
    {
        if (cell.Text is null || column.Field == RowField.None)
        {
            return;
        }

        if (column.IsText)
        {
            if (!cell.IsText)
            {
                throw Wrong(column, cell, "text");
            }

            AddOnce(_texts, column.Field, cell.Text, column);
            return;
        }

        string model = column.Model ?? "";
        switch (column.Field)
        {
            case RowField.StrongProbability when _strongProbability is null:
                _strongProbability = cell.Number is >= 0 and <= 1 ? cell.Number : throw Wrong(column, cell, "a number in [0, 1]");
                break;
            case RowField.StrongProbability:
                throw Twice(column);
            case RowField.Score:
                AddOnce(_scores, model, Score(column, cell), column);
                break;
            case RowField.Cost:
                AddOnce(_costs, model, NotNegative(column, cell, "a number of USD of at least 0"), column);
                break;
            case RowField.Latency:
                AddOnce(_latencies, model, NotNegative(column, cell, "a number of milliseconds of at least 0"), column);
                break;
            case RowField.InputTokens or RowField.OutputTokens or RowField.CachedInputTokens:
                AddTokens(column, model, cell);
                break;
            default:
                throw Wrong(column, cell, "an object from model name to number");
        }
    }

    /// <summary>Makes the row.</summary>
    /// <param name="line">The line on which it begins.</param>
    /// <param name="number">Its number in the file, from 1.</param>
    /// <exception cref="RowProblemException">Something is missing or empty.</exception>
    public EvaluationRow Build(int line, int number)
    {
        string prompt = Required(RowField.Prompt, "prompt");
        if (!options.AllowEmptyPrompts && string.IsNullOrWhiteSpace(prompt))
        {
            throw new RowProblemException($"the prompt is empty; expected text. Take the row out, or allow empty prompts ({nameof(EvaluationReaderOptions.AllowEmptyPrompts)}).");
        }

        string id = options.Shape == RowShape.RouteLlm ? string.Create(CultureInfo.InvariantCulture, $"{_defaultSource}/{number}") : Required(RowField.Id, "id");
        if (id.Length == 0)
        {
            throw new RowProblemException("the id is empty; expected text that no other row has.");
        }

        if (options.Shape == RowShape.RouterArena)
        {
            NameModel(Required(RowField.Model, "model"));
        }

        foreach (string model in options.RequiredModels)
        {
            if (!_scores.ContainsKey(model))
            {
                throw new RowProblemException($"there is no score of \"{model}\"; {(_scores.Count == 0 ? "no model is scored" : $"scored are {string.Join(", ", _scores.Keys)}")}.");
            }
        }

        return new EvaluationRow
        {
            Id = id,
            Source = Optional(RowField.Source) ?? (options.Shape == RowShape.RouterArena && id.LastIndexOf('_') is > 0 and var end ? id[..end] : _defaultSource),
            Split = _texts.GetValueOrDefault(RowField.Split, ""),
            Prompt = prompt,
            Scores = _scores.Count == 0 ? EvaluationRow.NoNumbers : _scores,
            Costs = _costs.Count == 0 ? EvaluationRow.NoNumbers : _costs,
            Latencies = _latencies.Count == 0 ? EvaluationRow.NoNumbers : _latencies,
            Tokens = _tokens.Count == 0 ? EvaluationRow.NoTokens : _tokens.ToDictionary(static entry => entry.Key, static entry => Usage(entry.Key, entry.Value), StringComparer.Ordinal),
            StrongProbability = _strongProbability,
            Language = Optional(RowField.Language),
            Category = Optional(RowField.Category),
            Reference = Optional(RowField.Reference),
            Origin = new RowOrigin(file, line),
        };
    }

    private static string DefaultSource(string file)
    {
        string name = Path.GetFileName(file);
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 ? name[..dot] : name;
    }

    private static TokenUsage Usage(string model, (long? Input, long? Output, long? Cached) counts) =>
        counts is not ({ } input, { } output, var cached) ? throw new RowProblemException($"the tokens of \"{model}\" are incomplete; expected both input and output.")
        : cached > input ? throw new RowProblemException($"of the {input} input tokens of \"{model}\" {cached} are cached, which is more.")
        : new TokenUsage(input, output, cached ?? 0);

    private static void AddOnce<TKey, TValue>(Dictionary<TKey, TValue> values, TKey key, TValue value, RowColumn column)
        where TKey : notnull
    {
        if (!values.TryAdd(key, value))
        {
            throw Twice(column);
        }
    }

    private static RowProblemException Twice(RowColumn column) => new($"\"{column.Name}\" is there twice.");

    private static RowProblemException Wrong(RowColumn column, RowCell cell, string expected) => new($"\"{column.Name}\" is {(cell.IsText ? $"\"{cell.Text}\"" : cell.Text)}; expected {expected}.");

    private static double NotNegative(RowColumn column, RowCell cell, string expected) =>
        cell.Number >= 0 && double.IsFinite(cell.Number) ? cell.Number : throw Wrong(column, cell, expected);

    private double Score(RowColumn column, RowCell cell)
    {
        if (!options.Scale.Contains(cell.Number))
        {
            throw Wrong(column, cell, string.Create(
                CultureInfo.InvariantCulture, $"a number in [{options.Scale.Minimum}, {options.Scale.Maximum}]. If the scores are on another scale, declare it ({nameof(EvaluationReaderOptions.Scale)}); leave out what is not scored"));
        }

        return options.NormalizeScores ? options.Scale.Normalize(cell.Number) : cell.Number;
    }

    private void AddTokens(RowColumn column, string model, RowCell cell)
    {
        // Above 2^53 a double no longer holds every whole number.
        if (cell.Number is not (>= 0 and <= 9007199254740992) || cell.Number != Math.Floor(cell.Number))
        {
            throw Wrong(column, cell, "a whole number of tokens");
        }

        long count = (long)cell.Number;
        (long? Input, long? Output, long? Cached) counts = _tokens.GetValueOrDefault(model);
        long? before = column.Field switch { RowField.InputTokens => counts.Input, RowField.OutputTokens => counts.Output, _ => counts.Cached };
        if (before is not null)
        {
            throw Twice(column);
        }

        _tokens[model] = column.Field switch
        {
            RowField.InputTokens => counts with { Input = count },
            RowField.OutputTokens => counts with { Output = count },
            _ => counts with { Cached = count },
        };
    }

    // In a row of one answer the columns are of the model that the row names.
    private void NameModel(string model)
    {
        Rename(_scores, model);
        Rename(_costs, model);
        Rename(_tokens, model);

        static void Rename<T>(Dictionary<string, T> values, string model)
        {
            if (values.Remove("", out T? value))
            {
                values.Add(model, value);
            }
        }
    }

    private string Required(RowField field, string name) =>
        _texts.GetValueOrDefault(field) ?? throw new RowProblemException($"the property \"{name}\" is missing; expected text.");

    // An empty field of a CSV file is no value.
    private string? Optional(RowField field) => _texts.GetValueOrDefault(field) is { Length: > 0 } text ? text : null;
}
