using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.Transfer;

public class TransferStudyTests
{
    private static readonly TransferOptions s_options = new() { StrongModel = "big", WeakModel = "small", Bootstrap = new BootstrapOptions { Resamples = 200 } };

    [Fact]
    public async Task What_holds_in_one_source_only_is_not_carried_over_and_what_is_turned_around_is_flagged()
    {
        // In a and b hard prompts need the strong model; in c easy ones do.
        EvaluationRow[] rows = [.. Source("a", 100), .. Source("b", 100), .. Source("c", 60, turned: true)];

        TransferStudy study = await RunAsync(rows, s_options with { TrainOnEachSource = true });

        Assert.Equal(["a", "b", "c"], study.Sources.Select(static source => source.Name));
        TransferSource a = study.Sources[0], c = study.Sources[2];
        Assert.Equal((100, TransferMeasure.Apgr, TransferVerdict.BetterThanRandom, false), (a.Rows, a.LeftOut.Measure, a.LeftOut.Verdict, a.LeftOut.IsBelowRandom));
        Assert.Equal((160, 80), (a.LeftOut.TrainingRows, study.Find("a", "a")!.TrainingRows));
        Assert.Equal((TransferVerdict.WorseThanRandom, true), (c.LeftOut.Verdict, c.LeftOut.IsBelowRandom));
        Assert.InRange(c.LeftOut.CalibrationError, 0.5, 1);

        Assert.Equal(9, study.Pairs.Count);
        Assert.Equal(TransferVerdict.BetterThanRandom, study.Find("c", "c")!.Verdict);
        Assert.Equal(TransferVerdict.WorseThanRandom, study.Find("c", "a")!.Verdict);

        // The best there is: half of the prompts gain, and all the gap is recovered when those are strong.
        Assert.Equal(0.75, study.Find("a", "b")!.Value, 12);
        Assert.Empty(study.Failures);
    }

    [Fact]
    public async Task The_in_domain_number_stands_beside_the_left_out_one_with_the_difference_on_the_same_rows()
    {
        // Only c's own rows say which of its words need the strong model.
        EvaluationRow[] rows = [.. Source("a", 100), .. Source("c", 100, words: ["rho", "tau"])];

        TransferStudy study = await RunAsync(rows, s_options);

        TransferSource c = study.Sources[1];
        Assert.Equal(0.5, c.LeftOut.Value, 12);
        Assert.Equal(0.75, c.InDomain!.Value, 12);
        Assert.Equal(c.LeftOut.Value - c.InDomain.Value, c.Difference!.Value.Difference, 12);
        Assert.True(c.Difference.Value.Interval.High < 0);
        Assert.Empty(study.Pairs);
    }

    [Fact]
    public async Task Of_a_source_that_is_left_out_nothing_is_trained_on_not_even_rows_that_are_not_tested()
    {
        EvaluationRow[] rows = [.. Source("a", 40), .. Source("c", 40, turned: true), .. Source("d", 20)];
        rows = [.. rows.Select(static (row, i) => row with { Split = row.Source == "d" || i % 2 == 1 ? "eval" : "train" })];
        var trained = new List<string>();

        TransferStudy study = await TransferStudy.RunAsync(
            rows,
            (training, cancellationToken) =>
            {
                Assert.All(training, static row => Assert.Equal("train", row.Split));
                trained.Add(string.Join('+', training.Select(static row => row.Source).Distinct()));
                return TrainAsync(training, cancellationToken);
            },
            s_options with { CanTrainOn = static row => row.Split == "train", CanTestOn = static row => row.Split == "eval" },
            cancellationToken: TestContext.Current.CancellationToken);

        // Nothing is both trained and tested on, so nothing need be held out but the sources.
        Assert.Equal(["a+c", "c", "a", "a+c"], trained);
        Assert.Equal(["a", "c", "d"], study.Sources.Select(static source => source.Name));
        Assert.Equal([20, 20, 20], study.Sources.Select(static source => source.Rows));
        Assert.Null(study.Sources[2].InDomain);
        Assert.Null(study.Sources[2].Difference);
    }

    [Fact]
    public async Task Rows_of_a_group_are_never_on_both_sides()
    {
        // Both sources have the same prompts, but for one each, so that something is left to train on.
        EvaluationRow[] rows = [.. Source("a", 50), .. Source("b", 50), Row("of-a", "a", "alone/a", 1, 0), Row("of-b", "b", "alone/b", 1, 0)];
        rows = [.. rows.Select(static row => row with { Prompt = row.Prompt.Replace(" b", " a", StringComparison.Ordinal) })];
        var seen = new List<(int Training, int Overlap)>();

        TransferStudy study = await TransferStudy.RunAsync(
            rows,
            (training, _) =>
            {
                HashSet<string> prompts = [.. training.Select(static row => row.Prompt)];
                return Task.FromResult<IRouter>(new DelegateRouter(prompt =>
                {
                    seen.Add((training.Count, prompts.Contains(prompt) ? 1 : 0));
                    return 0.5;
                }));
            },
            s_options,
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.NotEmpty(seen);
        Assert.All(seen, static ask => Assert.Equal(0, ask.Overlap));
        Assert.Equal(2, study.Sources.Count);
    }

    [Fact]
    public async Task Rated_sources_are_measured_by_rank_correlation_beside_scored_ones()
    {
        EvaluationRow[] rated = [.. Source("chat/x", 60).Select(static row => row with { StrongProbability = row.Scores["big"] > 0 ? 0.8 : 0.1, Scores = new Dictionary<string, double>() })];
        EvaluationRow[] rows = [.. Source("a", 60), .. rated, Row("nothing", "a", "a/none", null, null)];

        TransferStudy study = await RunAsync(rows, s_options);

        TransferSource chat = study.Sources[1];
        Assert.Equal(("chat", 60, TransferMeasure.RankCorrelation), (chat.Name, chat.Rows, chat.LeftOut.Measure));
        Assert.Equal(1, study.SkippedRows);
        Assert.True(chat.LeftOut.Value > 0.9);
        Assert.True(chat.LeftOut.Interval.Low > 0.8);
        Assert.Equal(0, chat.LeftOut.Random);
        Assert.Equal(chat.LeftOut.Value - chat.InDomain!.Value, chat.Difference!.Value.Difference, 12);
    }

    [Fact]
    public async Task A_source_that_cannot_be_trained_on_alone_is_said_and_the_rest_of_the_table_stands()
    {
        EvaluationRow[] rows = [.. Source("a", 60), Row("one", "b", "hard b0", 1, 0), .. Source("c", 60)];

        TransferStudy study = await RunAsync(rows, s_options with { TrainOnEachSource = true });

        TransferFailure failure = Assert.Single(study.Failures);
        Assert.Equal(("b", "Training on the source 'b' alone failed: no row is left that shares no prompt with those tested on."), (failure.Source, failure.Problem));
        Assert.Equal(["a", "a", "a", "c", "c", "c"], study.Pairs.Select(static pair => pair.TrainedOn));
        Assert.Equal(1, study.Sources[1].Rows);
    }

    [Fact]
    public async Task Where_the_strong_model_is_worse_less_is_better()
    {
        // In c the strong model only loses, on easy prompts; sending those to the weak one is right.
        EvaluationRow[] rows = [.. Source("a", 100), .. Enumerable.Range(0, 100).Select(static i => Row($"c{i}", "c", i % 2 == 0 ? $"hard c{i}" : $"easy c{i}", i % 2 == 0 ? 1 : 0, 1))];

        TransferScore c = (await RunAsync(rows, s_options)).Sources[1].LeftOut;

        Assert.True(c.LessIsBetter);
        Assert.True(c.Value < 0.5);
        Assert.Equal((TransferVerdict.BetterThanRandom, false), (c.Verdict, c.IsBelowRandom));
    }

    [Fact]
    public async Task What_cannot_be_studied_is_refused_with_what_to_do()
    {
        Assert.Contains("'a'", (await Refused(Source("a", 20), s_options)).Message, StringComparison.Ordinal);
        Assert.Contains("name the models", (await Refused([.. Source("a", 20), .. Source("b", 20)], s_options with { StrongModel = "other" })).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(TransferOptions.CanTestOn), (await Refused([.. Source("a", 20), .. Source("b", 20)], s_options with { CanTestOn = static _ => false })).Message, StringComparison.Ordinal);
        Assert.Contains(nameof(TransferOptions.CanTrainOn), (await Refused([.. Source("a", 20), .. Source("b", 20)], s_options with { CanTrainOn = static _ => false })).Message, StringComparison.Ordinal);
        Assert.Contains("without the source 'b' failed: 3 rows are too few", (await Refused([.. Source("a", 3), .. Source("b", 20)], s_options)).Message, StringComparison.Ordinal);
        Assert.Contains("name the models", (await Refused([], s_options)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(Source("a", 20), s_options with { WeakModel = "big" }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => RunAsync(Source("a", 20), s_options with { Folds = 1 }));

        static Task<ArgumentException> Refused(EvaluationRow[] rows, TransferOptions options) => Assert.ThrowsAsync<ArgumentException>(() => RunAsync(rows, options));
    }

    [Fact]
    public async Task The_trainers_of_the_library_can_be_studied_and_progress_is_told()
    {
        EvaluationRow[] rows = [.. Source("a", 60), .. Source("b", 60)];
        var progress = new List<TransferProgress>();
        Task<IRouter> TrainLinear(IReadOnlyList<EvaluationRow> training, CancellationToken cancellationToken)
        {
            TrainedLinear trained = LinearTrainer.Train(
                LabelRules.FromScores(training, "big", "small").Labels, new LinearTrainingOptions { StrongModel = "big", WeakModel = "small", Penalties = [1] }, cancellationToken: cancellationToken);
            return Task.FromResult<IRouter>(trained.Model.ForPair("big", "small"));
        }

        TransferStudy study = await TransferStudy.RunAsync(rows, TrainLinear, s_options with { TrainOnEachSource = true, Folds = 2 }, new Recorder(progress), TestContext.Current.CancellationToken);

        Assert.All(study.Sources, static source => Assert.Equal(TransferVerdict.BetterThanRandom, source.LeftOut.Verdict));
        Assert.Equal([.. Enumerable.Range(1, 10).Select(static done => new TransferProgress(done, 10))], progress);
    }

    private static Task<TransferStudy> RunAsync(EvaluationRow[] rows, TransferOptions options) => TransferStudy.RunAsync(rows, TrainAsync, options, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Learns how often the strong model wins after each first word.</summary>
    private static Task<IRouter> TrainAsync(IReadOnlyList<EvaluationRow> rows, CancellationToken cancellationToken)
    {
        Dictionary<string, double> wins = rows.GroupBy(static row => row.Prompt.Split(' ')[0]).ToDictionary(
            static group => group.Key,
            static group => (1 + group.Sum(static row => row.StrongProbability ?? (row.Scores["big"] > row.Scores["small"] ? 1 : 0))) / (2 + group.Count()));
        return rows.Count < 5
            ? throw new ArgumentException($"{rows.Count} rows are too few.")
            : Task.FromResult<IRouter>(new DelegateRouter(prompt => wins.GetValueOrDefault(prompt.Split(' ')[0], 0.5)));
    }

    private static EvaluationRow[] Source(string source, int rows, bool turned = false, string[]? words = null) =>
    [
        .. Enumerable.Range(0, rows).Select(i => Row($"{source}/{i}", source, $"{(words ?? ["hard", "easy"])[i % 2]} {source}{i}", i % 2 == 0 != turned ? 1 : 0, 0)),
    ];

    private static EvaluationRow Row(string id, string source, string prompt, double? strong, double? weak)
    {
        var scores = new Dictionary<string, double>();
        if (strong is { } s && weak is { } w)
        {
            (scores["big"], scores["small"]) = (s, w);
        }

        return new EvaluationRow { Id = id, Source = source, Prompt = prompt, Scores = scores };
    }

    private sealed class Recorder(List<TransferProgress> reports) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => reports.Add(value);
    }
}
