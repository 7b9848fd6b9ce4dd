using System.CommandLine;
using System.Text.Json.Serialization;
using RouteLLM.Cli.Commands.Evaluating;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands;

/// <summary>Measures several routers on the same rows, and says by how much each differs from the first and whether that could be chance.</summary>
internal sealed class CompareCommand : ToolCommand
{
    private static readonly (RouterMetric Metric, string Name)[] s_metrics =
    [
        (RouterMetric.Apgr, "apgr"), (RouterMetric.Auc, "auc"), (RouterMetric.Cpt20, "cpt20"), (RouterMetric.Cpt50, "cpt50"), (RouterMetric.Cpt80, "cpt80"), (RouterMetric.Quality, "quality"), (RouterMetric.Cost, "usd"),
    ];

    private readonly EvaluationInput _input;
    private readonly RouterList _routers;
    private readonly Option<bool> _bySource = new("--by-source") { Description = "Show the differences by source, too. The JSON always has them." };
    private readonly JsonOption _json = new();

    public CompareCommand(Terminal terminal)
        : base("compare", "Compares routers on the same rows: each one's measures, and its differences from the first with intervals and p-values by a paired bootstrap.", terminal)
    {
        _input = new EvaluationInput(this, terminal);
        _routers = new RouterList(_input, terminal);
        Add(_routers.Option);
        Add(_bySource);
        Add(_json);
        Validators.Add(result =>
        {
            if (result.GetValue(_routers.Option) is not { Length: > 1 })
            {
                result.AddError("At least two routers are needed to compare; give --router twice or more.");
            }
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "compare --router builtin length random --data answers.jsonl --strong gpt-4.1 --weak gpt-4.1-mini --split eval",
        "compare --router old.safetensors --router new.safetensors --data answers.jsonl --strong large --weak small --by-source --json comparison.json",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string[] names = result.GetValue(_routers.Option)!;
        RouterEvaluation[] evaluations = await _routers.EvaluateAsync(result, keepPrompts: false, cancellationToken);
        BootstrapOptions bootstrap = _input.Options(result, keepPrompts: false).Bootstrap;
        RouterComparison[] comparisons = await Terminal.WithProgressAsync("Comparing", progress => Task.Run(
            () => evaluations.Skip(1).Select((other, i) =>
            {
                progress.Report((double)i / (evaluations.Length - 1));
                return RouterComparison.Create(other, evaluations[0], bootstrap, cancellationToken);
            }).ToArray(),
            cancellationToken));

        var contents = new Contents(
            evaluations[0].StrongModel, evaluations[0].WeakModel, evaluations[0].Scale, _input.Describe(result), evaluations[0].Confidence,
            [.. evaluations.Select((evaluation, i) => MeasuresOf(names[i], evaluation))],
            [.. comparisons.Select((comparison, i) => new Comparison(names[i + 1], names[0], DifferencesOf(comparison.Overall), [.. comparison.Slices.Select(static slice => new Source(slice.Name, slice.Rows, DifferencesOf(slice)))]))]);
        _json.Present(result, Terminal, contents, () => Show(contents, result.GetValue(_bySource)));
        return ExitCodes.Success;
    }

    private static Measures MeasuresOf(string name, RouterEvaluation evaluation)
    {
        EvaluationSlice overall = evaluation.Overall;
        return new Measures(
            name, evaluation.Router, evaluation.Fingerprint, evaluation.Threshold, overall.Rows, overall.StrongQuality, overall.WeakQuality, overall.Apgr, overall.ApgrInterval, overall.Cpt50, overall.Cpt80,
            overall.OperatingPoint?.StrongShare, overall.OperatingPoint?.Quality, overall.OperatingPoint?.QualityRetained, overall.OperatingPoint?.Cost, overall.OperatingPoint?.CostSaved, overall.RankCorrelation, overall.ExpectedCalibrationError);
    }

    private static Difference[] DifferencesOf(ComparedSlice slice) =>
    [
        .. s_metrics.Select(metric => (metric.Name, Paired: slice.Differences[metric.Metric]))
            .Where(static metric => !double.IsNaN(metric.Paired.Difference))
            .Select(static metric => new Difference(metric.Name, metric.Paired.First, metric.Paired.Second, metric.Paired.Difference, metric.Paired.Interval, metric.Paired.PValue)),
    ];

    private void Show(Contents contents, bool bySource)
    {
        var routers = ResultTable.Of("router", "#APGR", "#CPT50", "#CPT80", "#share", "#quality", "#kept", "#saved", "#ECE");
        routers.Title = $"{contents.StrongModel} against {contents.WeakModel}";
        foreach (Measures router in contents.Routers)
        {
            routers.Add(
                router.Name, EvaluationTables.WithMargin(router.Apgr, router.Interval), EvaluationTables.Percent(router.Cpt50), EvaluationTables.Percent(router.Cpt80), EvaluationTables.Percent(router.StrongShare ?? double.NaN),
                EvaluationTables.Number(router.Quality ?? double.NaN), EvaluationTables.Percent(router.QualityRetained ?? double.NaN), EvaluationTables.Percent(router.CostSaved ?? double.NaN), EvaluationTables.Number(router.CalibrationError));
        }

        Terminal.Write(routers);
        Terminal.Out.WriteLine();
        var differences = ResultTable.Of("router", "source", "measure", "#value", "#reference", "#difference", "#from", "#to", "#p");
        differences.Title = $"Differences from {contents.Comparisons[0].Reference}";
        foreach (Comparison comparison in contents.Comparisons)
        {
            Add(comparison.Router, "overall", comparison.Overall);
            foreach (Source source in bySource ? comparison.Sources : [])
            {
                Add(comparison.Router, source.Name, source.Differences.Where(static difference => difference.Metric == "apgr"));
            }
        }

        Terminal.Write(differences);

        void Add(string router, string source, IEnumerable<Difference> all)
        {
            foreach (Difference difference in all)
            {
                differences.Add(
                    router, source, difference.Metric, EvaluationTables.Number(difference.Value), EvaluationTables.Number(difference.Reference), EvaluationTables.Number(difference.Change),
                    EvaluationTables.Number(difference.Interval.Low), EvaluationTables.Number(difference.Interval.High), EvaluationTables.Number(difference.PValue));
            }
        }
    }

    private sealed record Contents(string StrongModel, string WeakModel, ScoreScale Scale, string Data, double Confidence, IReadOnlyList<Measures> Routers, IReadOnlyList<Comparison> Comparisons);

    private sealed record Measures(
        string Name, string Router, string? Fingerprint, double Threshold, int Rows, double StrongQuality, double WeakQuality, double Apgr, BootstrapInterval Interval, double Cpt50, double Cpt80,
        double? StrongShare, double? Quality, double? QualityRetained, double? Cost, double? CostSaved, double RankCorrelation, double CalibrationError);

    private sealed record Comparison(string Router, string Reference, IReadOnlyList<Difference> Overall, IReadOnlyList<Source> Sources);

    private sealed record Source(string Name, int Rows, IReadOnlyList<Difference> Differences);

    private sealed record Difference(string Metric, double Value, double Reference, [property: JsonPropertyName("difference")] double Change, BootstrapInterval Interval, double PValue);
}
