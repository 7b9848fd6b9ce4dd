using System.CommandLine;
using System.Globalization;
using RouteLLM.Cli.Commands.Training;
using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace RouteLLM.Cli.Commands;

/// <summary>Says how good a router gets with more and more labels, and whether more of them would pay.</summary>
internal sealed class LearningCurveCommand : ToolCommand
{
    private const string Adapt = "adapt";

    private readonly Option<string[]> _data = new("--data") { Description = "Files of labelled rows, JSON lines, CSV or Parquet: id, prompt, and scores by model or p_strong.", HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true };
    private readonly ModelPairOptions _pair;
    private readonly Option<string> _kind = new("--kind") { Description = $"What the labels are for: {Adapt}, to adapt the built-in router, or to train from nothing {string.Join(", ", TrainCommand.Kinds.Keys)}.", HelpName = "KIND", DefaultValueFactory = static _ => Adapt };
    private readonly Option<string?> _split = new("--split") { Description = $"Which rows to take, by their split; {TrainingData.AllSplits} for all. [default: {TrainingData.TrainingSplit}, and rows that name none]", HelpName = "SPLIT" };
    private readonly Option<int> _repetitions = Numbers.Between("--repetitions", 1, 1000, "How often rows are held back and labels drawn anew.", 10);
    private readonly Option<int> _largest = Numbers.Between("--largest", 25, int.MaxValue, "The largest number of labels to try; sizes are 25, 50, 100, 200 and so on.", 1600);
    private readonly Option<int> _seed = Numbers.Between("--seed", 0, int.MaxValue, "The seed: the same rows and seed give the same numbers.", 0);
    private readonly JsonOption _json = new();

    public LearningCurveCommand(Terminal terminal)
        : base("learning-curve", "Says how good a router gets with 25, 50, 100 ... of your labels, on rows held back, and whether more labels would pay.", terminal)
    {
        _kind.AcceptOnlyFromAmong([Adapt, .. TrainCommand.Kinds.Keys]);
        Add(_data);
        _pair = new ModelPairOptions(this);
        foreach (Option option in new Option[] { _kind, _split, _repetitions, _largest, _seed, _json })
        {
            Add(option);
        }
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "learning-curve --data answers.jsonl --strong gpt-4.1 --weak gpt-4.1-mini",
        "learning-curve --data answers.jsonl --strong gpt-4.1 --weak gpt-4.1-mini --kind linear --repetitions 20",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string strong = _pair.Strong(result), weak = _pair.Weak(result), kind = result.GetValue(_kind)!;
        var options = new LearningCurveOptions { Repetitions = result.GetValue(_repetitions), Seed = result.GetValue(_seed), Sizes = [.. Sizes(result.GetValue(_largest))], MaxDegreeOfParallelism = kind == Adapt ? -1 : 1 };
        TrainingData data = await Task.Run(() => TrainingData.Read(result.GetValue(_data)!, result.GetValue(_split), strong, weak, Terminal, new Progress<double>(), cancellationToken), cancellationToken);

        // APGR and rank correlation do not add up; where any row is scored, scores are what counts.
        IReadOnlyList<EvaluationRow> rows = data.Scored.Count > 0 ? data.Scored : data.Rated;
        var set = AdaptationSet.FromRows("labels", rows, strong, weak);
        LearningCurve curve = await Terminal.WithProgressAsync("Training", progress => MeasureAsync(kind, strong, weak, rows, set, options, progress, cancellationToken));

        string measure = set.Gains is null ? "rank_correlation" : "apgr";
        var contents = new Contents(
            kind, strong, weak, rows.Count, measure, curve.HeldBackRows, curve.Before?.Mean, [.. curve.Points.Select(static point => new Point(point.Labels, point.Mean, point.Interval))], curve.Fit.Limit, curve.LimitInterval,
            curve.ExpectedGain, curve.ExpectedGainInterval, curve.MoreLabels, curve.Summary);
        _json.Present(result, Terminal, contents, () => Show(curve, set.Gains is null ? "rank correlation" : "APGR"));
        return ExitCodes.Success;
    }

    private static IEnumerable<int> Sizes(int largest)
    {
        for (long size = 25; size <= largest; size *= 2)
        {
            yield return (int)size;
        }
    }

    private static async Task<LearningCurve> MeasureAsync(
        string kind, string strong, string weak, IReadOnlyList<EvaluationRow> rows, AdaptationSet set, LearningCurveOptions options, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var counted = new CountProgress(progress, options.Repetitions * options.Sizes!.Count);
        try
        {
            return await Task.Run(
                () => kind == Adapt
                    ? AdaptationLearningCurve.Create(BuiltInRouter.Model, set, options: new AdaptationOptions { StrongModel = strong, WeakModel = weak }, curve: options, progress: counted, cancellationToken: cancellationToken)
                    : TrainAnew(kind, strong, weak, rows, options, counted, cancellationToken),
                cancellationToken);
        }
        catch (ArgumentException error)
        {
            throw ToolException.From(error);
        }
        catch (InvalidOperationException error)
        {
            // In no repetition had the rows held back a quality.
            throw new ToolException(error.Message, error);
        }
    }

    private static LearningCurve TrainAnew(string kind, string strong, string weak, IReadOnlyList<EvaluationRow> rows, LearningCurveOptions options, IProgress<int> progress, CancellationToken cancellationToken) => LearningCurve.Create(
        rows,
        (chosen, seed) =>
        {
            // Learning curves are measured by delegates that do not wait; this thread has nothing else to do.
            IRouter router = ArtifactRouters.TrainerOf(kind, strong, weak, seed, HashedTextEmbeddingGenerator.DefaultDimensions, [])(chosen, cancellationToken).GetAwaiter().GetResult();
            return row => router.PredictWinProbabilityAsync(row.Prompt, cancellationToken).AsTask().GetAwaiter().GetResult();
        },
        (scores, heldBack) => Quality([.. scores], heldBack, strong, weak),
        static row => row.Prompt,
        options: options,
        progress: progress,
        cancellationToken: cancellationToken);

    private static double Quality(double[] scores, IReadOnlyList<EvaluationRow> rows, string strong, string weak) => rows[0].Scores.ContainsKey(strong) && rows[0].Scores.ContainsKey(weak)
        ? CostQualityCurve.Create(scores, [.. rows.Select(row => row.Scores[strong])], [.. rows.Select(row => row.Scores[weak])]).Apgr
        : RankCorrelation.Spearman(scores, [.. rows.Select(static row => row.StrongProbability!.Value)]);

    private void Show(LearningCurve curve, string measure)
    {
        var table = ResultTable.Of("#labels", $"#{measure}", "#95% interval");
        foreach (LearningCurvePoint point in curve.Before is null ? curve.Points : curve.Points.Prepend(curve.Before))
        {
            table.Add(
                point.Labels.ToString(CultureInfo.InvariantCulture),
                point.Mean.ToString("0.000", CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"{point.Interval.Low:0.000} to {point.Interval.High:0.000}"));
        }

        Terminal.Write(table);
        Terminal.Out.WriteLine(curve.Summary);
    }

    private sealed class CountProgress(IProgress<double> progress, int total) : IProgress<int>
    {
        public void Report(int value) => progress.Report(Math.Min(1, (double)value / total));
    }

    private sealed record Point(int Labels, double Mean, BootstrapInterval Interval);

    private sealed record Contents(
        string Kind,
        string StrongModel,
        string WeakModel,
        int Rows,
        string Measure,
        double HeldBackRows,
        double? Before,
        IReadOnlyList<Point> Points,
        double FittedLimit,
        BootstrapInterval FittedLimitInterval,
        double ExpectedGain,
        BootstrapInterval ExpectedGainInterval,
        MoreLabels MoreLabels,
        string Summary);
}
