using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.Extensions.AI;
using RouteLLM.Cli.Commands.Training;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands.Evaluating;

/// <summary>The options that say on which rows, between which models and at which operating point routers are measured; all commands that measure have them.</summary>
internal sealed class EvaluationInput
{
    private const int DefaultResamples = 1000;

    private static readonly Dictionary<string, RowShape> s_shapes = new() { ["standard"] = RowShape.Standard, ["routellm"] = RowShape.RouteLlm, ["routerbench"] = RowShape.RouterBench, ["routerarena"] = RowShape.RouterArena };

    private readonly Option<string[]> _data = new("--data") { Description = "Files of rows: JSON lines, CSV or Parquet, with id, prompt, and scores by model or p_strong; - for JSON lines on standard input.", HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true };
    private readonly ModelPairOptions _pair;
    private readonly Option<string?> _split = new("--split") { Description = $"Which rows to measure on, by their split, such as eval; {TrainingData.AllSplits} for all. [default: {TrainingData.AllSplits}]", HelpName = "SPLIT" };
    private readonly Option<ScoreScale> _scale = new("--scale")
    {
        Description = $"What the scores are: {string.Join(", ", ScaleNames.All.Keys)}, or MIN..MAX.",
        HelpName = "SCALE",
        DefaultValueFactory = static _ => ScoreScale.Unit,
        CustomParser = ScaleNames.Parse,
    };

    private readonly Option<string> _shape = new("--shape") { Description = "What the columns are called: this tool's own names, or those of another program's files.", HelpName = "SHAPE", DefaultValueFactory = static _ => "standard" };
    private readonly Option<string[]> _prices = new("--price") { Description = "What a model's tokens cost, in USD per million, for rows that say how many tokens an answer took and not what it cost.", HelpName = "MODEL=INPUT,OUTPUT[,CACHED]", AllowMultipleArgumentsPerToken = true };
    private readonly Option<double?> _threshold = Numbers.Fraction("--threshold", "P", "The threshold of the operating point. [default: that of --strong-share]");
    private readonly Option<double?> _strongShare = Numbers.Fraction("--strong-share", "P", "The share of these prompts that the strong model gets at the operating point. [default: 0.5]");
    private readonly Option<int> _resamples = Numbers.Between("--resamples", 1, 1_000_000, "How often rows are drawn again for an interval.", DefaultResamples);
    private readonly EmbedderOptions _embedder;
    private readonly Terminal _terminal;

    public EvaluationInput(Command command, Terminal terminal)
    {
        _terminal = terminal;
        _shape.AcceptOnlyFromAmong([.. s_shapes.Keys]);
        command.Add(_data);
        _pair = new ModelPairOptions(command);
        foreach (Option option in new Option[] { _split, _scale, _shape, _prices, _threshold, _strongShare, _resamples })
        {
            command.Add(option);
        }

        _embedder = new EmbedderOptions(command);
        command.Validators.Add(Validate);
    }

    public string Strong(ParseResult result) => _pair.Strong(result);

    public string Weak(ParseResult result) => _pair.Weak(result);

    /// <summary>Loads the embedder for routers that need one, or gives <see langword="null"/> if none is named.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Embedder(ParseResult result) => _embedder.Load(result);

    /// <summary>Describes the rows in a few words.</summary>
    public string Describe(ParseResult result) =>
        string.Join(", ", result.GetValue(_data)!.Select(static path => path == InputFile.Standard ? InputFile.StandardName : Path.GetFileName(path))) + (result.GetValue(_split) is { } split ? $", split {split}" : "");

    public EvaluationOptions Options(ParseResult result, bool keepPrompts) => new()
    {
        StrongModel = Strong(result),
        WeakModel = Weak(result),
        Scale = result.GetValue(_scale)!,
        Threshold = result.GetValue(_threshold),
        StrongShare = result.GetValue(_strongShare) ?? 0.5,
        Prices = (result.GetValue(_prices) ?? []).Select(PriceOf).ToDictionary(),
        MissingScores = MissingScoreHandling.Skip,
        Bootstrap = new BootstrapOptions { Resamples = result.GetValue(_resamples) },
        KeepPrompts = keepPrompts,
    };

    /// <summary>Reads the rows as they are enumerated, and says when all are read what should be known of them.</summary>
    /// <exception cref="ToolException">A file is not there, or there are no rows of the split.</exception>
    /// <exception cref="EvaluationDataException">A row is wrong.</exception>
    public IEnumerable<EvaluationRow> Read(ParseResult result)
    {
        var options = new EvaluationReaderOptions { Scale = result.GetValue(_scale)!, Shape = s_shapes[result.GetValue(_shape)!] };
        string? wanted = result.GetValue(_split);
        bool isAll = wanted is null or TrainingData.AllSplits;
        var splits = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (EvaluationRow row in ReadAll(result.GetValue(_data)!, options))
        {
            splits[row.Split] = splits.GetValueOrDefault(row.Split) + 1;
            if (isAll || row.Split == wanted)
            {
                yield return row;
            }
        }

        if (!isAll && !splits.ContainsKey(wanted!))
        {
            throw new ToolException(splits.Count == 0
                ? "There are no rows in the data."
                : $"No row is of the split '{wanted}'; the rows are of {string.Join(", ", splits.Select(static split => string.Create(CultureInfo.InvariantCulture, $"'{split.Key}' ({split.Value:n0})")))}.");
        }

        if (wanted is null && splits.TryGetValue(TrainingData.TrainingSplit, out int trained) && splits.Count > 1)
        {
            _terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{trained:n0} of the rows are of the split '{TrainingData.TrainingSplit}'; a router that was trained on them looks better than it is. Choose rows with --split."));
        }
    }

    /// <summary>Evaluates a router on rows.</summary>
    public async Task<RouterEvaluation> EvaluateAsync(IRouter router, string name, IEnumerable<EvaluationRow> rows, EvaluationOptions options, CancellationToken cancellationToken)
    {
        int? total = rows is ICollection<EvaluationRow> all ? all.Count : null;
        return await _terminal.WithProgressAsync(
            $"Evaluating {name}",
            progress => Task.Run(() => RouterEvaluator.EvaluateAsync(router, rows, options with { Prediction = new BatchPredictionOptions { Progress = new Part(progress, total) } }, cancellationToken), cancellationToken));
    }

    /// <summary>Says what was left out.</summary>
    public void NoteSkipped(RouterEvaluation evaluation)
    {
        if (evaluation.SkippedRows > 0)
        {
            _terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{evaluation.SkippedRows:n0} rows have no score of both models and no rating; they were left out."));
        }
    }

    private static KeyValuePair<string, TokenPrice> PriceOf(string text)
    {
        int equals = text.LastIndexOf('=');
        decimal?[] prices = [.. text[(equals + 1)..].Split(',').Select(static number => decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal price) ? price : (decimal?)null)];
        return equals > 0 && prices is [{ } input, { } output, .. { Length: <= 1 } rest] && !rest.Contains(null)
            ? new(text[..equals], new TokenPrice(input, output, rest.FirstOrDefault()))
            : throw new UsageException($"--price is '{text}', but must be MODEL=INPUT,OUTPUT or MODEL=INPUT,OUTPUT,CACHED in USD per million tokens, such as gpt-4.1=2,8,0.5.");
    }

    private IEnumerable<EvaluationRow> ReadAll(string[] paths, EvaluationReaderOptions options)
    {
        if (paths is [InputFile.Standard])
        {
            return EvaluationRowReader.Read(new StreamReader(_terminal.Input), InputFile.StandardName, options);
        }

        Array.ForEach(paths, InputFile.Check);
        return EvaluationRowReader.ReadFiles(paths, options);
    }

    private void Validate(CommandResult result)
    {
        if (result.GetResult(_threshold) is not null && result.GetResult(_strongShare) is not null)
        {
            result.AddError("Give either --threshold or --strong-share, not both.");
        }

        if (result.GetValue(_data) is { Length: > 1 } paths && paths.Contains(InputFile.Standard))
        {
            result.AddError("Standard input (-) cannot be read together with files; give --data one or the other.");
        }
    }

    private sealed class Part(IProgress<double> progress, int? total) : IProgress<int>
    {
        public void Report(int value)
        {
            if (total is { } rows)
            {
                progress.Report((double)value / rows);
            }
        }
    }
}
