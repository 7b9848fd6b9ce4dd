namespace RouteLLM.Evaluation.Tests;

public class RouterComparisonTests
{
    private static readonly EvaluationOptions s_options = new() { StrongModel = "big", WeakModel = "small", Bootstrap = new() { Resamples = 2 }, SliceBy = static _ => [] };

    [Fact]
    public async Task A_router_that_knows_beats_one_that_guesses()
    {
        (RouterEvaluation knows, RouterEvaluation guesses) = await EvaluateAsync(1, 300, static (gain, noise) => (0.5 + (gain / 4) + (noise.First / 5), noise.Second));
        var comparison = RouterComparison.Create(knows, guesses, cancellationToken: TestContext.Current.CancellationToken);
        PairedDifference apgr = comparison.Overall.Apgr;
        Assert.Equal(knows.Overall.Apgr, apgr.First, 1e-9);
        Assert.Equal(guesses.Overall.Apgr, apgr.Second, 1e-9);
        Assert.True(apgr.Interval.Low > 0 && apgr.PValue < 0.01);
        Assert.InRange(apgr.Difference, apgr.Interval.Low, apgr.Interval.High);

        PairedDifference cpt = comparison.Overall.Differences[RouterMetric.Cpt50];
        Assert.Equal(knows.Overall.Cpt50, cpt.First, 1e-9);
        Assert.Equal(guesses.Overall.Cpt50, cpt.Second, 1e-9);
        Assert.True(cpt.Difference < 0);
        Assert.Equal(knows.Overall.OperatingPoint!.Quality, comparison.Overall.Differences[RouterMetric.Quality].First, 1e-9);
        Assert.True(double.IsNaN(comparison.Overall.Differences[RouterMetric.Cost].PValue));
    }

    [Fact]
    public async Task A_router_does_not_differ_from_itself()
    {
        (RouterEvaluation first, _) = await EvaluateAsync(2, 50, static (_, noise) => (noise.First, noise.Second));
        PairedDifference apgr = RouterComparison.Create(first, first, cancellationToken: TestContext.Current.CancellationToken).Overall.Apgr;
        Assert.Equal((0, 0, 0, 1), (apgr.Difference, apgr.Interval.Low, apgr.Interval.High, apgr.PValue));
    }

    [Fact]
    public async Task Where_nothing_differs_few_p_values_are_below_the_level()
    {
        const int Draws = 300;
        int rejected = 0, outside = 0;
        for (int seed = 0; seed < Draws; seed++)
        {
            // Two routers that know as much as each other, each with noise of its own.
            (RouterEvaluation first, RouterEvaluation second) = await EvaluateAsync(seed, 150, static (gain, noise) => (0.5 + (gain / 8) + (noise.First / 3), 0.5 + (gain / 8) + (noise.Second / 3)));
            PairedDifference apgr = RouterComparison.Create(first, second, new() { Resamples = 250, Seed = seed }, TestContext.Current.CancellationToken).Overall.Apgr;
            rejected += apgr.PValue < 0.05 ? 1 : 0;
            outside += apgr.Interval.Low > 0 || apgr.Interval.High < 0 ? 1 : 0;
        }

        // 5% of 300 are 15, plus or minus 3 standard errors of 3.8.
        Assert.InRange(rejected, 4, 26);
        Assert.InRange(outside, 4, 26);
    }

    [Fact]
    public async Task Slices_are_compared_and_other_rows_or_models_refused()
    {
        EvaluationRow[] rows = [.. Enumerable.Range(0, 20).Select(static i => RouterEvaluatorTests.Row($"{i}", i % 2 == 0 ? "a" : "b", i / 20.0, i % 3 == 0 ? 0 : 1, 0))];
        EvaluationOptions options = s_options with { SliceBy = EvaluationOptions.SourceAndSets };
        RouterEvaluation evaluation = await RouterEvaluator.EvaluateAsync(RouterEvaluatorTests.ById(rows), rows, options, TestContext.Current.CancellationToken);
        RouterEvaluation random = await RouterEvaluator.EvaluateAsync(new RandomRouter(1), rows, options, TestContext.Current.CancellationToken);
        Assert.Equal([("a", 10), ("b", 10)], RouterComparison.Create(evaluation, random, cancellationToken: TestContext.Current.CancellationToken).Slices.Select(static slice => (slice.Name, slice.Rows)));

        RouterEvaluation fewer = await RouterEvaluator.EvaluateAsync(RouterEvaluatorTests.ById(rows), rows[..19], options, TestContext.Current.CancellationToken);
        Assert.Contains("row 20", Assert.Throws<EvaluationException>(() => RouterComparison.Create(evaluation, fewer, cancellationToken: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        RouterEvaluation reversed = await RouterEvaluator.EvaluateAsync(RouterEvaluatorTests.ById(rows), rows.Reverse(), options, TestContext.Current.CancellationToken);
        Assert.Contains("\"19\"", Assert.Throws<EvaluationException>(() => RouterComparison.Create(evaluation, reversed, cancellationToken: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        RouterEvaluation swapped = await RouterEvaluator.EvaluateAsync(RouterEvaluatorTests.ById(rows), rows, options with { StrongModel = "small", WeakModel = "big" }, TestContext.Current.CancellationToken);
        Assert.Contains("models", Assert.Throws<EvaluationException>(() => RouterComparison.Create(evaluation, swapped, cancellationToken: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    private static async Task<(RouterEvaluation First, RouterEvaluation Second)> EvaluateAsync(int seed, int count, Func<double, (double First, double Second), (double First, double Second)> predict)
    {
        var random = new Random(seed);
        var predictions = new Dictionary<string, (double First, double Second)>();
        var rows = new List<EvaluationRow>();
        for (int i = 0; i < count; i++)
        {
            double strong = random.NextDouble() < 0.8 ? 1 : 0, weak = random.NextDouble() < 0.5 ? 1 : 0;
            rows.Add(RouterEvaluatorTests.Row($"{i}", "a", 0, strong, weak));
            predictions.Add(rows[^1].Prompt, predict(strong - weak, (random.NextDouble(), random.NextDouble())));
        }

        return (await RouterEvaluator.EvaluateAsync(new DelegateRouter(prompt => predictions[prompt].First), rows, s_options, TestContext.Current.CancellationToken),
            await RouterEvaluator.EvaluateAsync(new DelegateRouter(prompt => predictions[prompt].Second), rows, s_options, TestContext.Current.CancellationToken));
    }
}
