using System.CommandLine;
using System.Globalization;
using RouteLLM.Cli.Commands.Training;
using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace RouteLLM.Cli.Commands;

/// <summary>Says how well what a kind of router learns carries over to sources that it has not seen.</summary>
internal sealed class TransferCommand : ToolCommand
{
    private readonly Option<string[]> _data = new("--data") { Description = "Files of rows of several sources, JSON lines, CSV or Parquet: id, source, split, prompt, and scores by model or p_strong.", HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true };
    private readonly ModelPairOptions _pair;
    private readonly Option<string> _kind = new("--kind") { Description = $"What to train: {string.Join(", ", TrainCommand.Kinds.Keys)}.", HelpName = "KIND", DefaultValueFactory = static _ => TrainCommand.DefaultKind };
    private readonly Option<string?> _split = new("--split") { Description = $"Which rows to train on, by their split; {TrainingData.AllSplits} for all. [default: {TrainingData.TrainingSplit}, and rows that name none]", HelpName = "SPLIT" };
    private readonly Option<string?> _testSplit = new("--test-split") { Description = $"Which rows to test on, by their split; {TrainingData.AllSplits} for all. [default: those that are trained on, held out in turn]", HelpName = "SPLIT" };
    private readonly Option<int> _depth = Numbers.Between("--depth", 1, int.MaxValue, "How many parts of a row's source make a source: of mmlu/anatomy, 1 makes mmlu and 2 mmlu/anatomy.", 1);
    private readonly Option<bool> _pairs = new("--pairs") { Description = "Also train on each source alone and test on every other." };
    private readonly Option<int> _folds = Numbers.Between("--folds", 2, 100, "Into how many parts rows that are trained and tested on are divided.", 5);
    private readonly Option<int> _seed = Numbers.Between("--seed", 0, int.MaxValue, "The seed: the same rows and seed give the same numbers.", 0);
    private readonly Option<int> _dimensions = Numbers.Between("--dimensions", 1, HashedTextEmbeddingGenerator.MaxDimensions, "The number of dimensions of the embeddings, where the kind takes any.", HashedTextEmbeddingGenerator.DefaultDimensions);
    private readonly Option<string[]> _benchmarks = new("--benchmark") { Description = "For hashed-mf: which sources, by what they begin with, are benchmarks; the others stand for traffic.", HelpName = "SOURCE", AllowMultipleArgumentsPerToken = true };
    private readonly JsonOption _json = new();

    public TransferCommand(Terminal terminal)
        : base("transfer", "Says how well training carries over: leaves one source out after the other and tests on it, beside what training on it as well would give.", terminal)
    {
        _kind.AcceptOnlyFromAmong([.. TrainCommand.Kinds.Keys]);
        Add(_data);
        _pair = new ModelPairOptions(this);
        foreach (Option option in new Option[] { _kind, _split, _testSplit, _depth, _pairs, _folds, _seed, _dimensions, _benchmarks, _json })
        {
            Add(option);
        }
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "transfer --data answers.jsonl --strong gpt-4.1 --weak gpt-4.1-mini",
        "transfer --data a.jsonl.gz b.jsonl.gz --strong large --weak small --kind mf --test-split eval --pairs --json transfer.json",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string strong = _pair.Strong(result), weak = _pair.Weak(result), kind = result.GetValue(_kind)!;
        string? split = result.GetValue(_split), testSplit = result.GetValue(_testSplit) ?? split;
        int depth = result.GetValue(_depth);
        EvaluationRow[] rows = Read(result.GetValue(_data)!, row => IsOf(row, split) || IsOf(row, testSplit));
        var options = new TransferOptions
        {
            StrongModel = strong,
            WeakModel = weak,
            SourceOf = row => string.Join('/', row.Source.Split('/').Take(depth)),
            CanTrainOn = row => IsOf(row, split),
            CanTestOn = row => IsOf(row, testSplit),
            TrainOnEachSource = result.GetValue(_pairs),
            Folds = result.GetValue(_folds),
            Seed = result.GetValue(_seed),
        };
        RouterTrainer trainer = ArtifactRouters.TrainerOf(kind, strong, weak, options.Seed, result.GetValue(_dimensions), result.GetValue(_benchmarks) ?? []);
        TransferStudy study = await Terminal.WithProgressAsync("Training", progress => StudyAsync(rows, trainer, options, progress, cancellationToken));

        foreach (TransferFailure failure in study.Failures)
        {
            Terminal.Note(failure.Problem);
        }

        if (study.SkippedRows > 0)
        {
            Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{study.SkippedRows:n0} rows have neither scores of both models nor a rating and were left out."));
        }

        _json.Present(result, Terminal, new Contents(kind, strong, weak, study.SkippedRows, study.Sources, study.Pairs, study.Failures), () => Show(study));
        return ExitCodes.Success;

        static bool IsOf(EvaluationRow row, string? split) => TrainingData.IsOfSplit(row, split);
    }

    private static async Task<TransferStudy> StudyAsync(EvaluationRow[] rows, RouterTrainer trainer, TransferOptions options, IProgress<double> progress, CancellationToken cancellationToken)
    {
        try
        {
            return await TransferStudy.RunAsync(rows, trainer, options, new PartProgress(progress), cancellationToken);
        }
        catch (ArgumentException error)
        {
            throw ToolException.From(error);
        }
    }

    private static string Describe(TransferScore? score) => score is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{score.Value:0.000} +- {score.Interval.HalfWidth:0.000}");

    /// <summary>Says how the score compares with a random router's; what is below it is flagged.</summary>
    private static string Against(TransferScore score) => score.Verdict switch
    {
        TransferVerdict.BetterThanRandom => "better",
        TransferVerdict.WorseThanRandom => "WORSE",
        _ => score.IsBelowRandom ? "below, perhaps by chance" : double.IsNaN(score.Value) ? "not defined" : "above, perhaps by chance",
    };

    private static string NameOf(TransferMeasure measure) => measure == TransferMeasure.Apgr ? "APGR" : "rank correlation";

    private EvaluationRow[] Read(string[] paths, Func<EvaluationRow, bool> isWanted)
    {
        EvaluationRow[] rows = [.. paths.SelectMany(path => TrainingData.ReadFile(path, Terminal)).Where(isWanted)];
        return rows.Length > 0 ? rows : throw new ToolException($"No row is of the splits asked for; choose others with --split, or '{TrainingData.AllSplits}'.");
    }

    private void Show(TransferStudy study)
    {
        var table = ResultTable.Of("source", "#rows", "measure", "#in-domain", "#left out", "#difference", "#calibration error", "against random");
        foreach (TransferSource source in study.Sources)
        {
            string difference = source.Difference is { } d ? string.Create(CultureInfo.InvariantCulture, $"{d.Difference:+0.000;-0.000} ({d.Interval.Low:+0.000;-0.000} to {d.Interval.High:+0.000;-0.000})") : "-";
            table.Add(
                source.Name, source.Rows.ToString(CultureInfo.InvariantCulture), NameOf(source.LeftOut.Measure), Describe(source.InDomain), Describe(source.LeftOut), difference,
                source.LeftOut.CalibrationError.ToString("0.000", CultureInfo.InvariantCulture), Against(source.LeftOut));
        }

        Terminal.Write(table);
        if (study.Pairs.Count == 0)
        {
            return;
        }

        Terminal.Out.WriteLine();
        string[] tested = [.. study.Pairs.Select(static pair => pair.TestedOn).Distinct()];
        var pairs = ResultTable.Of(["trained on", .. tested.Select(static source => $"#{source}")]);
        foreach (string trained in study.Pairs.Select(static pair => pair.TrainedOn).Distinct())
        {
            pairs.Add([trained, .. tested.Select(source => study.Find(trained, source) is { } score ? $"{Describe(score)}{(score.Verdict == TransferVerdict.WorseThanRandom ? " WORSE" : "")}" : "-")]);
        }

        Terminal.Write(pairs);
    }

    private sealed class PartProgress(IProgress<double> progress) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => progress.Report((double)value.Done / value.Total);
    }

    private sealed record Contents(
        string Kind, string StrongModel, string WeakModel, int SkippedRows, IReadOnlyList<TransferSource> Sources, IReadOnlyList<TransferPair> Pairs, IReadOnlyList<TransferFailure> Failures);
}
