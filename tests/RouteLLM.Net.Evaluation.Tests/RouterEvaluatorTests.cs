namespace RouteLLM.Evaluation.Tests;

public class RouterEvaluatorTests
{
    private static readonly EvaluationOptions s_options = new() { StrongModel = "big", WeakModel = "small", Bootstrap = new() { Resamples = 200 } };

    [Fact]
    public async Task It_reports_all_rows_and_every_source()
    {
        RouterEvaluation evaluation = await EvaluateAsync(
        [
            Row("1", "a/x", 0.9, 1, 0), Row("2", "a/x", 0.8, 1, 0), Row("3", "a/y", 0.2, 1, 1), Row("4", "b", 0.1, 0, 1),
        ]);
        Assert.Equal(("by-id", "big", "small", ScoreScale.Unit), (evaluation.Router, evaluation.StrongModel, evaluation.WeakModel, evaluation.Scale));
        Assert.Equal(["a", "a/x", "a/y", "b"], evaluation.Slices.Select(static slice => slice.Name));
        EvaluationSlice overall = evaluation.Overall;
        Assert.Equal((4, 4, 0), (overall.Rows, overall.ScoredRows, overall.RatedRows));
        Assert.Equal((0.75, 0.5), (overall.StrongQuality, overall.WeakQuality));
        Assert.Equal((1, 0.5), (overall.OracleQuality, overall.OracleStrongShare));

        // The two prompts that only the strong model answers come first: as good as the oracle.
        Assert.Equal(overall.OracleApgr, overall.Apgr);
        Assert.Equal((0.8 + 0.2) / 2, evaluation.Threshold, 12);
        OperatingPoint point = overall.OperatingPoint!;
        Assert.Equal((0.5, 1, 2, 1), (point.StrongShare, point.Quality, point.PerformanceGapRecovered, point.BestModelShare));
        Assert.Equal(1 / 0.75, point.QualityRetained, 12);
        Assert.Equal(2, evaluation.FindSlice("a/x")!.Rows);
        Assert.Same(overall, evaluation.FindSlice("overall"));
        Assert.Null(evaluation.FindSlice("c"));

        // Predictions .9, .8, .2, .1 of wins 1, 1, 0, 0.
        Assert.Equal((0.1 + 0.2 + 0.2 + 0.1) / 4, overall.ExpectedCalibrationError, 12);
        Assert.Equal("prompt 1", overall.EvaluatedRows[0].Prompt);
    }

    [Fact]
    public async Task Costs_come_from_the_rows_or_from_tokens_and_prices_cached_ones_too()
    {
        var tokens = new Dictionary<string, TokenUsage> { ["big"] = new(1000, 100, 400), ["small"] = new(1000, 50) };
        EvaluationRow[] rows =
        [
            Row("1", "a", 0.9, 1, 0) with { Costs = new Dictionary<string, double> { ["big"] = 0.02, ["small"] = 0.001 }, Latencies = new Dictionary<string, double> { ["big"] = 900, ["small"] = 100 } },
            Row("2", "a", 0.1, 1, 1) with { Tokens = tokens, Latencies = new Dictionary<string, double> { ["big"] = 700, ["small"] = 200 } },
        ];
        RouterEvaluation evaluation = await EvaluateAsync(rows, s_options with
        {
            Threshold = 0.5,
            Prices = new Dictionary<string, TokenPrice> { ["big"] = new(10, 30, 5), ["small"] = new(1, 2) },
        });
        double big = ((600 * 10) + (400 * 5) + (100 * 30)) / 1e6, small = ((1000 * 1) + (50 * 2)) / 1e6;
        Assert.Equal((0.02 + big) / 2, evaluation.Overall.StrongCost!.Value, 12);
        Assert.Equal((0.001 + small) / 2, evaluation.Overall.WeakCost!.Value, 12);
        OperatingPoint point = evaluation.Overall.OperatingPoint!;
        Assert.Equal((0.02 + small) / 2, point.Cost!.Value, 12);
        Assert.Equal(1 - ((0.02 + small) / (0.02 + big)), point.CostSaved!.Value, 12);
        Assert.Equal(550, point.Latency!.Value, 12);
        Assert.Equal(3, evaluation.Overall.Curve!.Costs!.Count);

        // Without prices the second row's cost is unknown, and a mean over the rest would be another data set's.
        evaluation = await EvaluateAsync(rows);
        Assert.Null(evaluation.Overall.StrongCost);
        Assert.Null(evaluation.Overall.OperatingPoint!.Cost);
        Assert.Null(evaluation.Overall.OperatingPoint.CostSaved);
        Assert.Contains(evaluation.Overall.Notes, static note => note.Contains("1 of 2 rows", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rated_rows_count_for_rank_correlation_and_calibration()
    {
        RouterEvaluation evaluation = await EvaluateAsync([Rated("1", 0.1, 0.2), Rated("2", 0.6, 0.5), Rated("3", 0.9, 0.9), Row("4", "a", 0.5, 1, 0)]);
        Assert.Equal((4, 1, 3), (evaluation.Overall.Rows, evaluation.Overall.ScoredRows, evaluation.Overall.RatedRows));
        Assert.Equal(1, evaluation.Overall.RankCorrelation, 12);
        EvaluationSlice chat = evaluation.FindSlice("chat")!;
        Assert.Null(chat.Curve);
        Assert.Null(chat.OperatingPoint);
        Assert.True(double.IsNaN(chat.Apgr) && double.IsNaN(chat.Cpt50) && double.IsNaN(chat.ApgrInterval.Low));
        Assert.Equal((0.1 + 0.1) / 3, chat.ExpectedCalibrationError, 12);
        Assert.Throws<InvalidOperationException>(() => chat.AtStrongShare(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => chat.AtStrongShare(double.NaN));
        Assert.Equal((1, 0), (evaluation.Overall.AtStrongShare(1).StrongShare, evaluation.Overall.AtStrongShare(0).StrongShare));
        Assert.NotEmpty(chat.Notes);
    }

    [Fact]
    public async Task Other_scales_are_declared_and_stated()
    {
        EvaluationRow[] rows = [Row("1", "a", 0.9, 9, 5), Row("2", "a", 0.1, 8, 8)];
        RouterEvaluation evaluation = await EvaluateAsync(rows, s_options with { Scale = ScoreScale.OneToTen });
        Assert.Equal((8.5, 6.5, "grade 1-10 [1, 10]"), (evaluation.Overall.StrongQuality, evaluation.Overall.WeakQuality, evaluation.Scale.ToString()));
        Assert.Contains("scale", (await Assert.ThrowsAsync<EvaluationException>(() => EvaluateAsync(rows))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_without_a_score_of_a_model_is_refused_by_name_or_skipped()
    {
        EvaluationRow[] rows = [Row("1", "a", 0.9, 1, 0), new() { Id = "2", Source = "a", Prompt = "prompt 2", Scores = new Dictionary<string, double> { ["other"] = 1 }, Origin = new("rows.csv", 3) }];
        string message = (await Assert.ThrowsAsync<EvaluationException>(() => EvaluateAsync(rows))).Message;
        Assert.All(new[] { "\"2\"", "rows.csv, line 3", "\"big\"", "\"other\"" }, part => Assert.Contains(part, message, StringComparison.Ordinal));

        RouterEvaluation evaluation = await EvaluateAsync(rows, s_options with { MissingScores = MissingScoreHandling.Skip });
        Assert.Equal((1, 1), (evaluation.Overall.Rows, evaluation.SkippedRows));
        message = (await Assert.ThrowsAsync<EvaluationException>(() => EvaluateAsync(rows[1..], s_options with { MissingScores = MissingScoreHandling.Skip }))).Message;
        Assert.Contains("other", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Degenerate_data_have_defined_answers_and_notes()
    {
        EvaluationSlice one = (await EvaluateAsync([Row("1", "a", 0.9, 1, 0)])).Overall;
        Assert.Equal((0.5, 0.5, 0.5), (one.Apgr, one.ApgrInterval.Low, one.ApgrInterval.High));

        EvaluationSlice equal = (await EvaluateAsync([Row("1", "a", 0.9, 1, 1), Row("2", "a", 0.1, 0, 0)])).Overall;
        Assert.True(double.IsNaN(equal.Apgr) && double.IsNaN(equal.ApgrInterval.Low) && double.IsNaN(equal.OperatingPoint!.PerformanceGapRecovered));
        Assert.Equal((0, 0, 0), (equal.Cpt50, equal.Cpt80, equal.OracleStrongShare));
        Assert.Contains("equally good", Assert.Single(equal.Notes), StringComparison.Ordinal);

        EvaluationSlice worse = (await EvaluateAsync([Row("1", "a", 0.9, 0, 1), Row("2", "a", 0.1, 0, 0)])).Overall;
        Assert.Equal((0, 0.75), (worse.Cpt50, worse.Apgr));
        Assert.Contains("worse", worse.Notes[0], StringComparison.Ordinal);

        EvaluationSlice ties = (await EvaluateAsync([Row("1", "a", 0.5, 1, 0), Row("2", "a", 0.5, 0, 0)])).Overall;
        Assert.Equal((0.5, 1), (ties.Apgr, ties.OperatingPoint!.StrongShare));
        Assert.Contains(ties.Notes, static note => note.Contains("same win probability", StringComparison.Ordinal));
        Assert.True(double.IsNaN((await EvaluateAsync([Row("1", "a", 0.5, 0, 0)])).Overall.OperatingPoint!.QualityRetained));
    }

    [Fact]
    public async Task Wrong_input_is_refused_with_what_to_do()
    {
        Assert.Contains("no rows", (await Assert.ThrowsAsync<EvaluationException>(static () => EvaluateAsync([]))).Message, StringComparison.Ordinal);
        foreach (double wrong in new[] { double.NaN, -0.1, 1.1 })
        {
            Assert.Contains("\"1\"", (await Assert.ThrowsAsync<EvaluationException>(() => EvaluateAsync([Row("1", "a", wrong, 1, 0)]))).Message, StringComparison.Ordinal);
        }

        Assert.Contains("NaN", (await Assert.ThrowsAsync<EvaluationException>(static () => EvaluateAsync([Row("1", "a", 0.5, double.NaN, 0)]))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(static () => EvaluateAsync([Row("1", "a", 0.5, 1, 0)], s_options with { WeakModel = "big" }));
        await Assert.ThrowsAsync<ArgumentException>(static () => EvaluateAsync([Row("1", "a", 0.5, 1, 0)], s_options with { Threshold = double.NaN }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(static () => EvaluateAsync([Row("1", "a", 0.5, 1, 0)], s_options with { StrongShare = 1.5 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(static () => EvaluateAsync([Row("1", "a", 0.5, 1, 0)], s_options with { Bootstrap = new() { Resamples = 0 } }));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RouterEvaluator.EvaluateAsync(ById([]), [Row("1", "a", 0.5, 1, 0)], s_options, cancelled.Token));
    }

    [Fact]
    public async Task Rows_are_scored_in_batches_and_slices_are_anything_a_row_has()
    {
        var reported = new Progress();
        RouterEvaluation evaluation = await EvaluateAsync(
            [.. Enumerable.Range(0, 10).Select(static i => Row($"{i}", "a", i / 10.0, 1, 0) with { Language = i < 4 ? "en" : "ja" })],
            s_options with { Prediction = new() { BatchSize = 4, Progress = reported }, SliceBy = static row => [row.Language!], KeepPrompts = false });
        Assert.Equal([4, 8, 10], reported.Values);
        Assert.Equal([("en", 4), ("ja", 6)], evaluation.Slices.Select(static slice => (slice.Name, slice.Rows)));
        Assert.All(evaluation.Overall.EvaluatedRows, static row => Assert.Null(row.Prompt));
    }

    [Fact]
    public async Task The_interval_of_a_known_router_covers_it_and_does_not_depend_on_threads()
    {
        var random = new Random(5);
        EvaluationRow[] rows = [.. Enumerable.Range(0, 400).Select(i =>
        {
            double p = random.NextDouble();
            return Row($"{i}", "a", p, random.NextDouble() < 0.5 + (p / 2) ? 1 : 0, random.NextDouble() < 0.5 ? 1 : 0);
        })];
        EvaluationSlice one = (await EvaluateAsync(rows, s_options with { Bootstrap = new() { MaxDegreeOfParallelism = 1 } })).Overall;
        EvaluationSlice four = (await EvaluateAsync(rows, s_options with { Bootstrap = new() { MaxDegreeOfParallelism = 4 } })).Overall;
        Assert.Equal((one.ApgrInterval, one.Cpt50Interval, one.Cpt80Interval, one.QualityInterval), (four.ApgrInterval, four.Cpt50Interval, four.Cpt80Interval, four.QualityInterval));
        Assert.InRange(one.Apgr, one.ApgrInterval.Low, one.ApgrInterval.High);
        Assert.InRange(one.Cpt50, one.Cpt50Interval.Low, one.Cpt50Interval.High);
        Assert.InRange(one.OperatingPoint!.Quality, one.QualityInterval.Low, one.QualityInterval.High);

        // The gain of the strong model is p/2 in the mean, so the gap recovered at share s is s(2 - s), and its mean is 2/3.
        Assert.InRange(2.0 / 3, one.ApgrInterval.Low, one.ApgrInterval.High);
    }

    internal static EvaluationRow Row(string id, string source, double winProbability, double strong, double weak) => new()
    {
        Id = id,
        Source = source,
        Prompt = $"prompt {id}",
        Scores = new Dictionary<string, double> { ["big"] = strong, ["small"] = weak },
        Category = winProbability.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
    };

    // The win probability rides along in the category, so that a row says all of a test.
    internal static IRouter ById(IEnumerable<EvaluationRow> rows)
    {
        var predictions = rows.ToDictionary(static row => row.Prompt, static row => row.Category is { } p ? double.Parse(p, System.Globalization.CultureInfo.InvariantCulture) : 0.5);
        return new DelegateRouter(prompt => predictions[prompt], "by-id");
    }

    private static EvaluationRow Rated(string id, double winProbability, double rating) =>
        Row(id, "chat", winProbability, 0, 0) with { Scores = new Dictionary<string, double>(), StrongProbability = rating };

    private static Task<RouterEvaluation> EvaluateAsync(EvaluationRow[] rows, EvaluationOptions? options = null) =>
        RouterEvaluator.EvaluateAsync(ById(rows), rows, options ?? s_options, TestContext.Current.CancellationToken);

    private sealed class Progress : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value) => Values.Add(value);
    }
}
