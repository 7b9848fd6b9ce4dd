namespace RouteLLM.Evaluation.Tests.Calibration;

public class RouterCalibratorTests
{
    private static readonly CalibrationOptions s_options = new() { StrongModel = "big", WeakModel = "small", TimeProvider = new StoppedClock() };
    private static readonly IReadOnlyDictionary<string, TokenPrice> s_prices = new Dictionary<string, TokenPrice> { ["big"] = new(2, 8), ["small"] = new(0.1m, 0.4m) };

    // Prompts are their own win probabilities.
    private static readonly IRouter s_router = new DelegateRouter(static prompt => double.Parse(prompt, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public async Task A_share_needs_prompts_alone_and_records_where_it_comes_from()
    {
        RouterCalibration calibration = await CalibrateAsync(Prompts(1000), CalibrationTarget.ForStrongShare(0.3), s_options with { Data = [new CalibrationData("prompts.jsonl", 1000, "aa")] });

        double[] scores = [.. Enumerable.Range(0, 1000).Select(static i => i / 999.0)];
        Assert.Equal(ThresholdCalibrator.ForStrongShare(scores, 0.3), calibration.Chosen.Threshold);
        Assert.Equal(new CalibrationPoint(calibration.Chosen.Threshold, 0.3), calibration.Chosen);
        Assert.Equal((CalibratedRouter.Of(s_router), 1000, true, new StoppedClock().GetUtcNow()), (calibration.Router, calibration.Rows, calibration.IsSupported, calibration.Created));
        Assert.Equal([new CalibrationData("prompts.jsonl", 1000, "aa")], calibration.Data);
        Assert.Empty(calibration.Notes);

        Assert.Equal(calibration.Table.OrderBy(static point => point.Threshold), calibration.Table);
        Assert.Equal((0, 1), (calibration.Table[0].Threshold, calibration.Table[0].StrongShare));
        Assert.Equal((double.PositiveInfinity, 0), (calibration.Table[^1].Threshold, calibration.Table[^1].StrongShare));
        Assert.Contains(calibration.Chosen, calibration.Table);
        Assert.Equal(calibration.ToJson(), RouterCalibration.Parse(calibration.ToJson()).ToJson());
    }

    [Fact]
    public async Task A_monthly_budget_takes_prices_tokens_and_traffic()
    {
        // At 1,000 input and 500 output tokens a request costs $0.006 at the big model and $0.0003 at the small one.
        CalibrationOptions options = s_options with { Prices = s_prices, TypicalTokens = new TokenUsage(1000, 500) };
        RouterCalibration calibration = await CalibrateAsync(Prompts(1000), CalibrationTarget.ForMonthlyBudget(2010, 1_000_000), options);

        Assert.Equal(0.3, calibration.Chosen.StrongShare, 12);
        Assert.Equal(2.01, calibration.Chosen.UsdPerThousand!.Value, 12);
        Assert.Equal(1 - (2.01 / 6), calibration.Chosen.Saving!.Value, 12);
        Assert.All(calibration.Table, static point => Assert.NotNull(point.Saving));

        EvaluationException error = await Assert.ThrowsAsync<EvaluationException>(() => CalibrateAsync(Prompts(10), CalibrationTarget.ForUsdPerThousand(0.2), options));
        Assert.Contains("\"small\" alone costs $0.3 per 1,000", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<EvaluationException>(() => CalibrateAsync(Prompts(10), CalibrationTarget.ForUsdPerThousand(1), s_options));
        Assert.Contains("known of 0 of 10 requests", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await CalibrateAsync(Prompts(10), CalibrationTarget.ForUsdPerThousand(100), options)).Chosen.StrongShare);
    }

    [Fact]
    public async Task Costs_and_tokens_of_rows_come_before_typical_ones()
    {
        EvaluationRow[] rows =
        [
            Row(0, 0.9) with { Costs = new Dictionary<string, double> { ["big"] = 1, ["small"] = 0.1 } },
            Row(1, 0.5) with { Tokens = new Dictionary<string, TokenUsage> { ["big"] = new(1_000_000, 0), ["small"] = new(1_000_000, 0) } },
            Row(2, 0.1),
        ];
        RouterCalibration calibration = await CalibrateAsync(rows, CalibrationTarget.ForStrongShare(1), s_options with { Prices = s_prices, TypicalTokens = new TokenUsage(500_000, 0) });
        Assert.Equal((1 + 2 + 1) / 3.0 * 1000, calibration.Chosen.UsdPerThousand!.Value, 9);
    }

    [Fact]
    public async Task A_promised_quality_is_the_core_threshold_and_the_table_estimates_it()
    {
        EvaluationRow[] rows = Labelled(2000, seed: 1);
        RouterCalibration calibration = await CalibrateAsync(rows, CalibrationTarget.ForQuality(0.95));

        double[] Of(Func<EvaluationRow, double> value) => [.. rows.Select(value)];
        Assert.Equal(
            ThresholdCalibrator.ForQuality(Of(static row => double.Parse(row.Prompt, System.Globalization.CultureInfo.InvariantCulture)), Of(static row => row.Scores["big"]), Of(static row => row.Scores["small"]), 0.95),
            calibration.Chosen.Threshold);
        Assert.True(calibration.IsSupported);
        Assert.InRange(calibration.Chosen.QualityKept!.Value, 0.95, 0.99);
        Assert.InRange(calibration.Chosen.StrongShare, 0.3, 0.6);
        Assert.Equal(1, calibration.Table[0].QualityKept!.Value, 12);
    }

    [Fact]
    public async Task Data_that_cannot_support_the_promise_are_said_not_to()
    {
        RouterCalibration calibration = await CalibrateAsync(Labelled(50, seed: 1), CalibrationTarget.ForQuality(0.95));
        Assert.Equal((false, 0), (calibration.IsSupported, calibration.Chosen.Threshold));
        Assert.Contains(calibration.Notes, static note => note.Contains("50 rows do not support", StringComparison.Ordinal) && note.Contains("at least", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_without_scores_are_refused_or_skipped_for_a_quality_and_used_for_a_share()
    {
        EvaluationRow[] rows = [.. Labelled(500, seed: 1), Row(500, 0.5)];
        await Assert.ThrowsAsync<EvaluationException>(() => CalibrateAsync(rows, CalibrationTarget.ForQuality(0.95)));
        RouterCalibration skipped = await CalibrateAsync(rows, CalibrationTarget.ForQuality(0.95), s_options with { MissingScores = MissingScoreHandling.Skip });
        Assert.Equal(500, skipped.Rows);
        Assert.Contains("1 rows without", string.Concat(skipped.Notes), StringComparison.Ordinal);
        RouterCalibration share = await CalibrateAsync(rows, CalibrationTarget.ForStrongShare(0.5));
        Assert.Equal((501, null), (share.Rows, share.Chosen.QualityKept));
    }

    [Fact]
    public async Task Degenerate_rows_have_a_defined_answer_or_a_clear_error()
    {
        RouterCalibration one = await CalibrateAsync([Row(0, 0.4)], CalibrationTarget.ForStrongShare(0.3));
        Assert.Equal((0.4, 1), (one.Chosen.Threshold, one.Chosen.StrongShare));
        Assert.Contains("more than the 30", string.Concat(one.Notes), StringComparison.Ordinal);

        EvaluationRow[] equal = [.. Enumerable.Range(0, 200).Select(static i => Row(i, 0.4, 1, 1))];
        Assert.Contains("no threshold tells them apart", string.Concat((await CalibrateAsync(equal, CalibrationTarget.ForStrongShare(0.3))).Notes), StringComparison.Ordinal);
        Assert.Equal(double.PositiveInfinity, (await CalibrateAsync(equal, CalibrationTarget.ForQuality(0.95))).Chosen.Threshold);

        EvaluationRow[] worse = [.. Enumerable.Range(0, 200).Select(static i => Row(i, i / 200.0, 0.5, 1))];
        RouterCalibration weak = await CalibrateAsync(worse, CalibrationTarget.ForQuality(0.95));
        Assert.Equal((double.PositiveInfinity, 2), (weak.Chosen.Threshold, weak.Chosen.QualityKept));
        Assert.Contains("\"big\" is worse than \"small\"", string.Concat(weak.Notes), StringComparison.Ordinal);

        Assert.Contains("no rows", (await Assert.ThrowsAsync<EvaluationException>(() => CalibrateAsync([], CalibrationTarget.ForStrongShare(0.3)))).Message, StringComparison.Ordinal);
        Assert.Contains("expected a win probability", (await Assert.ThrowsAsync<EvaluationException>(() => RouterCalibrator.CalibrateAsync(
            new ConstantRouter(double.NaN), [Row(0, 0.5)], CalibrationTarget.ForStrongShare(0.3), s_options, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EvaluationException>(() => CalibrateAsync([Row(0, 0.5, 2, 1)], CalibrationTarget.ForQuality(0.95)));
        await Assert.ThrowsAsync<ArgumentException>(() => CalibrateAsync([Row(0, 0.5)], CalibrationTarget.ForQuality(0.95), s_options with { WeakModel = "big" }));
        await Assert.ThrowsAsync<ArgumentException>(() => CalibrateAsync([Row(0, 0.5)], new CalibrationTarget { Kind = CalibrationTargetKind.Quality }));
    }

    [Fact]
    public async Task Groups_get_their_own_threshold_for_a_share()
    {
        var random = new Random(3);
        EvaluationRow[] rows =
        [
            .. Enumerable.Range(0, 600).Select(i => Row(i, 0.5 * random.NextDouble()) with { Language = "en" }),
            .. Enumerable.Range(600, 600).Select(i => Row(i, 0.5 + (0.5 * random.NextDouble())) with { Language = "ja" }),
            Row(1200, 0.99) with { Language = "fi" },
            Row(1201, 0.99),
        ];
        RouterCalibration calibration = await CalibrateAsync(rows, CalibrationTarget.ForStrongShare(0.3), s_options with { Group = static row => row.Language, GroupedBy = "lang" });

        Assert.Equal("lang", calibration.GroupedBy);
        Assert.Equal(["en", "fi", "ja"], calibration.Groups.Keys);
        Assert.InRange(calibration.Groups["en"].Point.StrongShare, 0.25, 0.33);
        Assert.InRange(calibration.Groups["ja"].Point.StrongShare, 0.27, 0.36);
        Assert.InRange(calibration.ThresholdFor("fi"), calibration.Chosen.Threshold, calibration.Chosen.Threshold + 0.05);
        Assert.Equal(calibration.Chosen.Threshold, calibration.ThresholdFor("sv"));
        Assert.All(calibration.Groups.Values, static group => Assert.Null(group.IsPromised));
        Assert.Contains(calibration.Notes, static note => note.Contains("With the groups' thresholds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_groups_threshold_for_a_quality_never_exceeds_what_its_own_rows_support()
    {
        // In one group the weak model is good, in the other bad where the router does not see it; a third has few rows.
        EvaluationRow[] rows =
        [
            .. Enumerable.Range(0, 1500).Select(static i => Row(i, i / 1500.0, 1, i % 50 == 0 ? 0 : 1) with { Category = "easy" }),
            .. Enumerable.Range(1500, 1500).Select(static i => Row(i, (i - 1500) / 1500.0, 1, i % 4 == 0 ? 0 : 1) with { Category = "hard" }),
            .. Enumerable.Range(3000, 10).Select(static i => Row(i, (i - 3000) / 10.0, 1, 1) with { Category = "new" }),
        ];
        RouterCalibration calibration = await CalibrateAsync(rows, CalibrationTarget.ForQuality(0.95), s_options with { Group = static row => row.Category, GroupedBy = "category" });

        Assert.All(calibration.Groups.Values.Where(static group => group.IsPromised == true), static group => Assert.True(group.Point.Threshold <= group.OwnThreshold));
        Assert.Equal((true, true, false), (calibration.Groups["easy"].IsPromised, calibration.Groups["hard"].IsPromised, calibration.Groups["new"].IsPromised));
        Assert.True(calibration.Groups["hard"].Point.Threshold < calibration.Groups["easy"].Point.Threshold);
        Assert.InRange(calibration.Groups["hard"].Point.QualityKept!.Value, 0.95, 1);
    }

    [Fact]
    public void A_decision_log_is_calibrated_on_without_asking_the_router()
    {
        LoggedDecision[] log =
        [
            .. Enumerable.Range(0, 1000).Select(static i => new LoggedDecision { WinProbability = i / 999.0, Route = i < 500 ? "weak" : "strong", Cost = i < 500 ? 0.001 : 0.01, Properties = i % 2 == 0 ? new Dictionary<string, string> { ["tenant"] = "a" } : new Dictionary<string, string>() }),
            new LoggedDecision { Route = "strong" },
        ];
        RouterCalibration calibration = RouterCalibrator.Calibrate(new ConstantRouter(double.NaN), log, CalibrationTarget.ForUsdPerThousand((0.2 * 10) + (0.8 * 1)), s_options with { GroupedBy = "tenant" });

        Assert.Equal(0.2, calibration.Chosen.StrongShare, 12);
        Assert.Equal((1000, "tenant"), (calibration.Rows, calibration.GroupedBy));
        Assert.Equal("1 of 1001 decisions have no win probability and were left out.", calibration.Notes[0]);
        Assert.Throws<ArgumentException>(() => RouterCalibrator.Calibrate(s_router, log, CalibrationTarget.ForQuality(0.95), s_options));
        Assert.Throws<EvaluationException>(() => RouterCalibrator.Calibrate(s_router, [new LoggedDecision()], CalibrationTarget.ForStrongShare(0.3), s_options));
        Assert.Contains("decisions of the artifact abc", Assert.Throws<EvaluationException>(() => RouterCalibrator.Calibrate(
            s_router, [new LoggedDecision { WinProbability = 0.5, Properties = new Dictionary<string, string> { ["fingerprint"] = "abc" } }], CalibrationTarget.ForStrongShare(0.3), s_options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_of_a_log_are_priced_at_both_models()
    {
        LoggedDecision[] log = [new() { WinProbability = 0.9, InputTokens = 1_000_000 }, new() { WinProbability = 0.1, OutputTokens = 1_000_000 }];
        RouterCalibration calibration = RouterCalibrator.Calibrate(s_router, log, CalibrationTarget.ForStrongShare(0.5), s_options with { Prices = s_prices });
        Assert.Equal((2 + 0.4) / 2 * 1000, calibration.Chosen.UsdPerThousand!.Value, 9);
    }

    [Fact]
    public async Task On_real_answers_the_promise_holds_in_93_of_100_draws()
    {
        const string Big = "gpt-4-1106-preview", Small = "mistralai/Mixtral-8x7B-Instruct-v0.1";
        EvaluationRow[] rows = [.. SharedData.Read("routellm.jsonl.gz").Where(static row => row.Split == "eval" && row.Source.StartsWith("mmlu/", StringComparison.Ordinal))];
        IReadOnlyList<double> all = await BuiltInRouter.Create().PredictWinProbabilitiesAsync(rows.Select(static row => row.Prompt), TestContext.Current.CancellationToken);

        // The rows stand for all traffic, of which samples are drawn.
        double[] strong = [.. rows.Select(static row => row.Scores[Big])], weak = [.. rows.Select(static row => row.Scores[Small])];
        double Broken(double threshold) => all.Select((score, i) => (0.9 * strong[i]) - (score >= threshold ? strong[i] : weak[i])).Sum();
        double Share(double threshold) => all.Count(score => score >= threshold) / (double)all.Count;
        double oracle = all.Append(double.PositiveInfinity).Order().TakeWhile(threshold => Broken(threshold) <= 0).DefaultIfEmpty(0).Last();
        foreach ((int count, double mostShare) in new[] { (500, 0.42), (2000, 0.28) })
        {
            int kept = 0;
            double share = 0;
            for (int seed = 0; seed < 1000; seed++)
            {
                var random = new Random(seed);
                int[] drawn = [.. Enumerable.Range(0, count).Select(_ => random.Next(rows.Length))];
                double threshold = ThresholdCalibrator.ForQuality([.. drawn.Select(i => all[i])], [.. drawn.Select(i => strong[i])], [.. drawn.Select(i => weak[i])], 0.9);
                kept += Broken(threshold) <= 0 ? 1 : 0;
                share += Share(threshold) / 1000;
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{count} rows: kept in {kept} of 1000 draws, mean strong share {share:0.000}, oracle {Share(oracle):0.000}");
            Assert.True(kept >= 930);
            Assert.True(share <= mostShare);
        }
    }

    private static Task<RouterCalibration> CalibrateAsync(IEnumerable<EvaluationRow> rows, CalibrationTarget target, CalibrationOptions? options = null) =>
        RouterCalibrator.CalibrateAsync(s_router, rows, target, options ?? s_options, TestContext.Current.CancellationToken);

    private static EvaluationRow[] Prompts(int count) => [.. Enumerable.Range(0, count).Select(i => Row(i, i / (count - 1.0)))];

    private static EvaluationRow[] Labelled(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            double p = Math.Pow(random.NextDouble(), 2);
            return Row(i, p, 1, random.NextDouble() < 0.6 * p ? 0 : 1);
        })];
    }

    private static EvaluationRow Row(int id, double winProbability, double? strong = null, double? weak = null) => new()
    {
        Id = $"{id}",
        Prompt = winProbability.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        Scores = strong is null || weak is null ? new Dictionary<string, double>() : new Dictionary<string, double> { ["big"] = strong.Value, ["small"] = weak.Value },
    };

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    }

    private sealed class ConstantRouter(double winProbability) : IRouter
    {
        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(winProbability);

        public object? GetService(Type serviceType, object? serviceKey = null) => null;
    }
}
