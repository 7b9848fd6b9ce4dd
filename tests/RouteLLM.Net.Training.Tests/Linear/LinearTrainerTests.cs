using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.Linear;

public class LinearTrainerTests
{
    private static readonly string[] s_easy = ["hello", "thanks", "weather", "name", "colour", "day", "thing", "please"];
    private static readonly string[] s_hard = ["prove", "lemma", "theorem", "integral", "rigorous", "convergence", "topology", "compact"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(LinearMethod.Ridge, LinearFeatures.Binary)]
    [InlineData(LinearMethod.Ridge, LinearFeatures.TfIdf)]
    [InlineData(LinearMethod.Logistic, LinearFeatures.Binary)]
    [InlineData(LinearMethod.Logistic, LinearFeatures.TfIdf)]
    public void Planted_difficulty_is_recovered_with_calibrated_probabilities(LinearMethod method, LinearFeatures features)
    {
        List<LabeledPrompt> rows = Planted();
        TrainedLinear trained = LinearTrainer.Train(rows, Options(method, features), cancellationToken: Cancel);
        LinearRouter router = trained.Model.ForDefaultPair();
        Assert.InRange(router.PredictWinProbability("hello please weather colour"), 0, 0.25);
        Assert.InRange(router.PredictWinProbability("prove theorem topology compact"), 0.75, 1);
        Assert.Equal(rows.Average(static row => row.Label), trained.HeldOut.Average(), 0.01);

        // Scores of rows held out are near the labels they were not fitted on.
        Assert.InRange(rows.Zip(trained.HeldOut, static (row, p) => Math.Abs(row.Label - p)).Average(), 0, 0.15);
        double threshold = router.GetService<ScoreQuantiles>()!.ThresholdForStrongShare(0.3);
        Assert.Equal(0.3, trained.HeldOut.Average(p => p >= threshold ? 1.0 : 0), 2);
        PredictionExplanation explanation = router.Explain("hello, prove it");
        Assert.True(explanation.Contributions.Single(static c => c.Description == "\"prove\"").Weight > 0);
        Assert.True(explanation.Contributions.Single(static c => c.Description == "\"hello\"").Weight < 0);
    }

    [Theory]
    [InlineData(LinearMethod.Ridge)]
    [InlineData(LinearMethod.Logistic)]
    public void A_pool_learns_which_model_is_good_at_what(LinearMethod method)
    {
        EvaluationRow[] rows = Pool();
        TrainedLinear trained = LinearTrainer.TrainPool(rows, PoolOptions(method), cancellationToken: Cancel);
        Assert.Equal(["big", "maths", "small"], trained.Model.Models);
        LinearQualityPredictor predictor = trained.Model.ForPool();
        var easy = new double[3];
        var hard = new double[3];
        predictor.PredictQualities("hello please weather colour", easy);
        predictor.PredictQualities("prove theorem topology compact", hard);
        Assert.InRange(hard[1] - hard[2], 0.35, 1);
        Assert.InRange(Math.Abs(easy[1] - easy[2]), 0, 0.15);
        Assert.InRange(easy[0], 0.8, 1);

        // Any pair of the pool can be routed, and is calibrated: planted are .63 and .09.
        LinearRouter pair = trained.Model.ForPair("maths", "small");
        Assert.InRange(pair.PredictWinProbability("prove theorem topology compact"), 0.43, 0.83);
        Assert.InRange(pair.PredictWinProbability("hello please weather colour"), 0, 0.25);
        Assert.Equal(rows.Count(static row => !row.Scores.ContainsKey("big")), trained.HeldOut.Count(double.IsNaN));
        double wins = rows.Where(static row => row.Scores.ContainsKey("big")).Average(static row => row.Scores["big"] > row.Scores["small"] ? 1.0 : 0);
        Assert.Equal(wins, trained.HeldOut.Where(static p => !double.IsNaN(p)).Average(), 0.02);
    }

    [Theory]
    [InlineData(LinearMethod.Ridge)]
    [InlineData(LinearMethod.Logistic)]
    public void The_same_seed_gives_the_same_bytes_with_any_number_of_threads(LinearMethod method)
    {
        byte[] one = Train(threads: 1);
        Assert.Equal(one, Train(threads: 4));
        Assert.NotEqual(one, Train(threads: 1, seed: 1));
        Assert.Equal(TrainPool(threads: 1), TrainPool(threads: 3));

        byte[] Train(int threads, int seed = 0) => LinearTrainer.Train(Planted(120), Options(method, threads: threads, seed: seed), cancellationToken: Cancel).Artifact.ToArray();
        byte[] TrainPool(int threads) => LinearTrainer.TrainPool(Pool(90), PoolOptions(method, threads), cancellationToken: Cancel).Artifact.ToArray();
    }

    [Fact]
    public void The_penalty_with_the_smallest_loss_on_rows_held_out_is_taken()
    {
        TrainedLinear trained = LinearTrainer.Train(Planted(), Options(LinearMethod.Logistic), cancellationToken: Cancel);
        Assert.Equal([0.01, 1, 1000], trained.PenaltyLosses.Select(static loss => loss.Penalty));
        Assert.Equal(trained.PenaltyLosses.MinBy(static loss => loss.Loss).Penalty, trained.Penalty);
        Assert.NotEqual(1000, trained.Penalty);
        Assert.All(trained.PenaltyLosses, static loss => Assert.InRange(loss.Loss, 0, 0.7));
    }

    [Fact]
    public void Where_the_words_say_nothing_the_probability_is_about_the_base_rate()
    {
        var random = new Random(5);
        LabeledPrompt[] rows = [.. Enumerable.Range(0, 200).Select(i => new LabeledPrompt($"{s_easy[random.Next(8)]} {s_hard[random.Next(8)]} {i}", random.Next(4) == 0 ? 1 : 0))];
        double rate = rows.Average(static row => row.Label);
        foreach (LinearMethod method in Enum.GetValues<LinearMethod>())
        {
            LinearRouter router = LinearTrainer.Train(rows, Options(method), cancellationToken: Cancel).Model.ForDefaultPair();
            Assert.All(s_hard, word => Assert.Equal(rate, router.PredictWinProbability(word), 0.15));
        }
    }

    [Fact]
    public void Rows_of_a_group_are_held_out_together()
    {
        // Each group's word decides its label: what a row's own group says can only be learned from that group.
        LabeledPrompt[] rows = [.. Enumerable.Range(0, 200).Select(static i => new LabeledPrompt($"word{(char)('a' + (i % 20))} of example {i}", i % 20 < 10 ? 1 : 0))];
        TrainedLinear apart = LinearTrainer.Train(rows, Options(LinearMethod.Logistic), cancellationToken: Cancel);
        TrainedLinear together = LinearTrainer.Train([.. rows.Select(static (row, i) => row with { Group = $"{i % 20}" })], Options(LinearMethod.Logistic), cancellationToken: Cancel);
        Assert.True(Error(apart) < 0.2, $"{Error(apart)}");
        Assert.True(Error(together) > 0.4, $"{Error(together)}");

        double Error(TrainedLinear trained) => rows.Zip(trained.HeldOut, static (row, p) => Math.Abs(row.Label - p)).Average();
    }

    [Fact]
    public void Weights_count_as_repetitions()
    {
        List<LabeledPrompt> rows = Planted(60);
        LabeledPrompt[] repeated = [.. rows, .. rows];
        LabeledPrompt[] weighted = [.. rows.Select(static row => row with { Weight = 2 }), .. rows.Select(static row => row with { Weight = 1e-9 })];
        foreach (LinearMethod method in Enum.GetValues<LinearMethod>())
        {
            double p = Probability(repeated, method);
            Assert.Equal(p, Probability(weighted, method), 1e-2);
        }

        static double Probability(LabeledPrompt[] rows, LinearMethod method) =>
            LinearTrainer.Train(rows, Options(method, tolerance: 1e-9), cancellationToken: Cancel).Model.ForDefaultPair().PredictWinProbability("prove the lemma, please");
    }

    [Fact]
    public void Empty_and_odd_prompts_are_rows_like_any_other()
    {
        LabeledPrompt[] rows = [.. Planted(60), new("", 0), new(" \n", 0), new("\uD800", 1), new("", 1)];
        foreach (LinearFeatures features in Enum.GetValues<LinearFeatures>())
        {
            LinearRouter router = LinearTrainer.Train(rows, Options(LinearMethod.Logistic, features), cancellationToken: Cancel).Model.ForDefaultPair();
            Assert.InRange(router.PredictWinProbability(""), 0.01, 0.99);
        }
    }

    [Fact]
    public void Rows_that_teach_nothing_are_refused_with_what_is_wrong()
    {
        Refused("no labelled prompts");
        Refused("All labels are 1", new("a", 1), new("b", 1), new("c", 1));
        Refused("Row 1 has the label NaN", new("a", 1), new("b", double.NaN));
        Refused("Row 0 has the label 1.5", new LabeledPrompt("a", 1.5));
        Refused("the weight 0", new LabeledPrompt("a", 1, 0));
        Refused("Row 0", new LabeledPrompt(null!, 1));
        Refused("too few to hold out 5 parts", new("a", 1), new("a", 0), new("b", 0), new("c", 1), new("d", 1));

        static void Refused(string problem, params LabeledPrompt[] rows) => Assert.Contains(
            problem, Assert.Throws<ArgumentException>(() => LinearTrainer.Train(rows, Options(LinearMethod.Ridge), cancellationToken: Cancel)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pools_that_teach_nothing_are_refused_with_what_is_wrong()
    {
        Refused("scores of 0 models");
        Refused("'row 1'", Row(0, ("big", 1), ("small", 0)), Row(1, ("big", double.NaN), ("small", 0)));
        Refused("There is no model 'small'", Row(0, ("big", 1), ("smaller", 0)));
        Refused("in 0", [.. Enumerable.Range(0, 10).Select(static i => Row(i, ("big", 0.5), ("small", 0.5)))]);
        Refused("in 10", [.. Enumerable.Range(0, 10).Select(static i => Row(i, ("big", 1), ("small", 0)))]);

        static void Refused(string problem, params EvaluationRow[] rows) => Assert.Contains(
            problem, Assert.Throws<ArgumentException>(() => LinearTrainer.TrainPool(rows, PoolOptions(LinearMethod.Ridge), cancellationToken: Cancel)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Refused(new() { StrongModel = "big", WeakModel = "big" });
        Refused(new() { StrongModel = "big", WeakModel = "" });
        Refused(new() { StrongModel = "big", WeakModel = "small", Folds = 1 });
        Refused(new() { StrongModel = "big", WeakModel = "small", Penalties = [] });
        Refused(new() { StrongModel = "big", WeakModel = "small", Penalties = [1, 0] });
        Refused(new() { StrongModel = "big", WeakModel = "small", Penalties = [double.NaN] });
        Refused(new() { StrongModel = "big", WeakModel = "small", ShapeWeight = 0 });
        Refused(new() { StrongModel = "big", WeakModel = "small", WinMargin = 1 });
        Refused(new() { StrongModel = "big", WeakModel = "small", MinimumTexts = 0 });
        Refused(new() { StrongModel = "big", WeakModel = "small", MaxDegreeOfParallelism = 0 });

        static void Refused(LinearTrainingOptions options) => Assert.ThrowsAny<ArgumentException>(() => LinearTrainer.Train(Planted(60), options, cancellationToken: Cancel));
    }

    [Fact]
    public void Progress_counts_every_fit_and_cancellation_ends_the_training()
    {
        var seen = new List<LinearTrainingProgress>();
        using var cancellation = new CancellationTokenSource();
        LinearTrainer.Train(Planted(60), Options(LinearMethod.Ridge, threads: 1), new Sink(seen.Add), Cancel);
        Assert.Equal(Enumerable.Range(1, 16), seen.Select(static progress => progress.Done));
        Assert.All(seen, static progress => Assert.Equal(16, progress.Total));
        Assert.ThrowsAny<OperationCanceledException>(() => LinearTrainer.Train(Planted(60), Options(LinearMethod.Logistic, threads: 2), new Sink(_ => cancellation.Cancel()), cancellation.Token));
    }

    private static LinearTrainingOptions Options(LinearMethod method, LinearFeatures features = LinearFeatures.Binary, int threads = -1, int seed = 0, double tolerance = 1e-6) => new()
    {
        StrongModel = "big", WeakModel = "small", Method = method, Features = features, Penalties = [1, 0.01, 1000], MaxDegreeOfParallelism = threads, Seed = seed, Tolerance = tolerance,
    };

    private static LinearTrainingOptions PoolOptions(LinearMethod method, int threads = -1) =>
        new() { StrongModel = "big", WeakModel = "small", Method = method, Penalties = [0.1, 1], MaxDegreeOfParallelism = threads };

    private static List<LabeledPrompt> Planted(int count = 400)
    {
        var random = new Random(11);
        var rows = new List<LabeledPrompt>();
        for (int i = 0; i < count; i++)
        {
            (string text, int hardWords) = Text(random);
            rows.Add(new LabeledPrompt($"{text} {i}", 1 / (1 + Math.Exp(-1.5 * (hardWords - 2)))));
        }

        return rows;
    }

    // "big" is always good, "small" only where it is easy, and "maths" like "small" but good where it is hard; every third row has no score of "big".
    private static EvaluationRow[] Pool(int count = 600)
    {
        var random = new Random(3);
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                (string text, int hardWords) = Text(random);
                double small = Draw(0.9 - (0.2 * hardWords)), maths = Draw(0.9 - (0.2 * hardWords) + (hardWords > 2 ? 0.6 : 0)), big = Draw(0.95);
                return Row(i, i % 3 == 0 ? [("small", small), ("maths", maths)] : [("small", small), ("maths", maths), ("big", big)]) with { Prompt = $"{text} {i}" };
            }),
        ];

        double Draw(double probability) => random.NextDouble() < probability ? 1 : 0;
    }

    private static (string Text, int HardWords) Text(Random random)
    {
        int hardWords = random.Next(5);
        return (string.Join(' ', Enumerable.Range(0, 4).Select(k => k < hardWords ? s_hard[random.Next(s_hard.Length)] : s_easy[random.Next(s_easy.Length)]).OrderBy(_ => random.Next())), hardWords);
    }

    private static EvaluationRow Row(int i, params (string Model, double Score)[] scores) => new()
    {
        Id = $"row {i}", Source = "test", Split = "train", Prompt = $"prompt {i}", Scores = scores.ToDictionary(static score => score.Model, static score => score.Score),
    };

    private sealed class Sink(Action<LinearTrainingProgress> report) : IProgress<LinearTrainingProgress>
    {
        public void Report(LinearTrainingProgress value) => report(value);
    }
}
