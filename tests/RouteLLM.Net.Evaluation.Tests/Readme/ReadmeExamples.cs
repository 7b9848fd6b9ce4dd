namespace RouteLLM.Evaluation.Tests;

/// <summary>The README's examples that need this package, as they stand there.</summary>
public class ReadmeExamples
{
    [Fact]
    public async Task Measure_and_compare_routers()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("rows.jsonl", string.Join('\n', Enumerable.Range(0, 60).Select(static i =>
            $$$"""{"id":"{{{i}}}","source":"support/{{{i % 2}}}","split":"eval","prompt":"{{{(i % 3 == 0 ? "Prove that there are infinitely many primes." : "Hi!")}}} {{{i}}}","scores":{"big":1,"small":{{{(i % 3 == 0 ? 0 : 1)}}}},"cost":{"big":0.02,"small":0.001}}""")));

        EvaluationRow[] rows = [.. EvaluationRowReader.ReadFile(file).Where(row => row.Split == "eval")];
        var options = new EvaluationOptions { StrongModel = "big", WeakModel = "small", StrongShare = 0.3 };

        RouterEvaluation evaluation = await RouterEvaluator.EvaluateAsync(BuiltInRouter.Create(), rows, options);
        foreach (EvaluationSlice slice in evaluation.Slices.Prepend(evaluation.Overall))
        {
            Console.WriteLine($"{slice.Name,-20} {slice.Rows,6} rows  APGR {slice.Apgr:0.000} +- {slice.ApgrInterval.HalfWidth:0.000}  80% of the gap with {slice.Cpt80:P0} strong");
        }

        OperatingPoint point = evaluation.Overall.OperatingPoint!;
        Console.WriteLine($"{point.StrongShare:P0} strong keeps {point.QualityRetained:P1} of the quality and saves {point.CostSaved:P0}");

        RouterEvaluation other = await RouterEvaluator.EvaluateAsync(new PromptLengthRouter(), rows, options);
        PairedDifference apgr = RouterComparison.Create(evaluation, other).Overall.Apgr;
        Console.WriteLine($"{apgr.Difference:0.000} APGR more, between {apgr.Interval.Low:0.000} and {apgr.Interval.High:0.000}, p = {apgr.PValue:0.000}");

        ChoiceEvaluation choices = ModelChoiceEvaluator.Evaluate(prompt => prompt.Contains("prove", StringComparison.OrdinalIgnoreCase) ? "big" : "small", rows);
        Console.WriteLine($"{choices.Overall.QualityRetained:P1} of the best model's quality, {choices.Overall.BestModelShare:P0} to the model that scored best");

        Assert.True(evaluation.Overall.Apgr > 0.8);
        Assert.Equal(3, evaluation.Slices.Count);
        Assert.Equal(1, choices.Overall.BestModelShare);
        Assert.NotNull(point.CostSaved);
    }

    [Fact]
    public async Task Calibrate_a_threshold()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("calibration.json");
        EvaluationRow[] rows = [.. Enumerable.Range(0, 400).Select(static i => new EvaluationRow
        {
            Id = $"{i}",
            Prompt = i % 3 == 0 ? $"Prove that there are infinitely many primes of the form {i}k + 1." : $"Hi! {i}",
            Language = i % 2 == 0 ? "en" : "de",
            Scores = new Dictionary<string, double> { ["big"] = 1, ["small"] = i % 3 == 0 ? 0 : 1 },
        })];

        var models = new CalibrationOptions { StrongModel = "big", WeakModel = "small", Group = row => row.Language, GroupedBy = "lang" };
        RouterCalibration calibration = await RouterCalibrator.CalibrateAsync(BuiltInRouter.Create(), rows, CalibrationTarget.ForQuality(0.95, confidence: 0.95), models);
        calibration.Save(path);

        Assert.InRange(RouterCalibration.Load(path).Chosen.StrongShare, 0.2, 0.4);
    }

    [Fact]
    public async Task Test_routing_like_code()
    {
        using var folder = new TemporaryFolder();
        EvaluationRow[] rows = [.. Enumerable.Range(0, 40).Select(static i => new EvaluationRow
        {
            Id = $"{i}",
            Prompt = $"{(i % 4 == 0 ? "Prove that there are infinitely many primes." : "Hi!")} {i}",
            Scores = new Dictionary<string, double> { ["big"] = 1, ["small"] = i % 4 == 0 ? 0 : 1 },
            Costs = new Dictionary<string, double> { ["big"] = 0.02, ["small"] = 0.001 },
        })];
        var options = new EvaluationOptions { StrongModel = "big", WeakModel = "small", StrongShare = 0.3 };
        IRouter router = BuiltInRouter.Create();
        string baseline = folder.Write("baseline.json", EvaluationSummary.Create(await RouterEvaluator.EvaluateAsync(router, rows, options)).ToJson());

        RoutingQualityGate gate = RoutingQualityGate.Parse("apgr=0.6,cost=0.7") with { Baseline = EvaluationSummary.Load(baseline) };
        gate.Assert(await RouterEvaluator.EvaluateAsync(router, rows, options));

        RouterEvaluation worse = await RouterEvaluator.EvaluateAsync(FixedRouter.AlwaysWeak, rows, options);
        Assert.Throws<QualityGateException>(() => gate.Assert(worse));
    }
}
