using CsCheck;

namespace RouteLLM.Training.Tests.Mixtures;

public class MixtureTrainerTests
{
    private static readonly Gen<int> s_seed = Gen.Int[0, 1_000_000];

    [Fact]
    public void Planted_weights_are_found_from_soft_labels()
    {
        (double[][] scores, MixtureTrainingRow[] rows) = Plant([0.7, 0.4, -0.2], -0.5, count: 500, seed: 1, hard: false);
        TrainedMixture trained = Train(Routers(3), scores, rows, new() { Penalty = 1e-6 });

        Assert.Equal([0.7, 0.4, -0.2], trained.Parts.Select(static part => part.Weight), (expected, actual) => Math.Abs(expected - actual) < 0.01);
        Assert.Equal(-0.5, trained.Router.Bias, 0.01);
    }

    [Fact]
    public void Planted_weights_are_found_from_observed_outcomes_as_well_as_their_number_allows()
    {
        (double[][] scores, MixtureTrainingRow[] rows) = Plant([0.8, 0.5], 0.3, count: 20_000, seed: 2, hard: true);
        TrainedMixture trained = Train(Routers(2), scores, rows);

        Assert.Equal([0.8, 0.5], trained.Parts.Select(static part => part.Weight), (expected, actual) => Math.Abs(expected - actual) < 0.05);
        Assert.Equal(0.3, trained.Router.Bias, 0.05);
    }

    [Fact]
    public void On_its_rows_the_mixture_is_never_worse_than_the_best_router_alone() =>
        Gen.Select(s_seed, Gen.Int[1, 4], Gen.Int[2, 60], Gen.Double[0.01, 100], Gen.Bool).Sample(
            (seed, routers, count, penalty, hard) =>
            {
                // The labels have nothing to do with the scores, so that every fit is an overfit.
                var random = new Random(seed);
                double[][] scores = [.. Enumerable.Range(0, routers).Select(_ => Enumerable.Range(0, count).Select(_ => random.NextDouble()).ToArray())];
                MixtureTrainingRow[] rows = [.. Enumerable.Range(0, count).Select(i => new MixtureTrainingRow($"{i}", i == 0 ? 1 : hard ? random.Next(2) * (i == 1 ? 0 : 1) : random.NextDouble() * 0.9, random.NextDouble() + 0.1))];

                TrainedMixture trained = Train(Routers(routers), scores, rows, new() { Penalty = penalty });

                Assert.True(trained.TrainingLogLoss <= trained.Parts.Min(static part => part.LogLoss) + 1e-12);
                Assert.All(trained.Parts, static part => Assert.True(double.IsFinite(part.Weight)));
            },
            iter: 200);

    [Fact]
    public void Doubling_a_weight_is_repeating_the_row()
    {
        (double[][] scores, MixtureTrainingRow[] rows) = Plant([0.6, 0.6], 0, count: 60, seed: 3, hard: true);
        TrainedMixture weighted = Train(Routers(2), scores, [.. rows.Select(static row => row with { Weight = 2 })]);
        TrainedMixture repeated = Train(Routers(2), [.. scores.Select(static part => part.Concat(part).ToArray())], [.. rows, .. rows]);

        Assert.Equal(repeated.Router.Bias, weighted.Router.Bias, 1e-6);
        Assert.Equal(repeated.Parts.Select(static part => part.Weight), weighted.Parts.Select(static part => part.Weight), static (expected, actual) => Math.Abs(expected - actual) < 1e-6);
        Assert.Equal(repeated.HeldOutLogLoss, weighted.HeldOutLogLoss, 1e-6);
    }

    [Fact]
    public void Signals_that_err_apart_are_better_together_on_rows_held_out()
    {
        (double[][] scores, MixtureTrainingRow[] rows) = Plant([1, 1], 0, count: 1000, seed: 4, hard: true);
        TrainedMixture trained = Train(Routers(2), scores, rows);

        Assert.True(trained.HeldOutLogLoss < trained.Parts.Min(static part => part.LogLoss) - 0.01);
        Assert.True(trained.TrainingLogLoss < trained.HeldOutLogLoss);
    }

    [Fact]
    public void Rows_of_a_group_are_held_out_together()
    {
        // Within a group all is the same; a mixture that saw one row of a group would know the others.
        (double[][] scores, MixtureTrainingRow[] rows) = Plant([1], 0, count: 20, seed: 5, hard: false);
        double[][] copies = [.. scores.Select(static part => part.Concat(part).ToArray())];
        MixtureTrainingRow[] grouped = [.. rows, .. rows.Select(static row => row with { Prompt = row.Prompt + " again", Group = row.Prompt })];
        TrainedMixture trained = Train(Routers(1), copies, grouped);

        Assert.Equal(trained.HeldOut.Take(20), trained.HeldOut.Skip(20));
        Assert.Throws<ArgumentException>(() => Train(Routers(1), scores, [.. rows.Select(static row => row with { Group = "one" })]));
    }

    [Fact]
    public void Labels_that_the_scores_separate_give_finite_weights()
    {
        double[] scores = [.. Enumerable.Range(0, 40).Select(static i => i < 20 ? 0.2 : 0.8)];
        TrainedMixture trained = Train(Routers(2), [scores, scores], [.. Enumerable.Range(0, 40).Select(static i => new MixtureTrainingRow($"{i}", i < 20 ? 0 : 1))]);

        Assert.All(trained.Parts, static part => Assert.InRange(part.Weight, 0.1, 10));
        Assert.InRange(trained.TrainingLogLoss, 0, 0.1);
    }

    [Fact]
    public async Task Routers_are_scored_and_the_mixture_routes_with_the_weights_and_quantiles_found()
    {
        IRouter[] routers = [new PromptLengthRouter(), new KeywordRouter([new KeywordRule(0.9, "prove")], 0.2)];
        MixtureTrainingRow[] rows =
        [
            .. Enumerable.Range(1, 200).Select(static i => new MixtureTrainingRow($"{(i % 3 == 0 ? "prove" : "tell")} {new string('x', i * 5)}", (i % 3 == 0 ? 0.5 : 0.1) + (i / 500.0))),
        ];
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        TrainedMixture trained = await MixtureTrainer.TrainAsync(routers, rows, new() { Router = new() { Name = "length-and-proof" } }, cancellationToken);

        Assert.Equal(["prompt-length", "keyword"], trained.Parts.Select(static part => part.Name));
        Assert.All(trained.Parts, static part => Assert.True(part.Weight > 0));
        Assert.Equal("length-and-proof", trained.Router.GetService<RouterMetadata>()!.Name);
        Assert.InRange(trained.HeldOutLogLoss, trained.TrainingLogLoss, trained.Parts.Min(static part => part.LogLoss));

        double threshold = trained.Router.GetService<ScoreQuantiles>()!.ThresholdForStrongShare(0.3);
        IReadOnlyList<double> scores = await trained.Router.PredictWinProbabilitiesAsync(rows.Select(static row => row.Prompt), cancellationToken);
        Assert.InRange(scores.Count(score => score >= threshold), 50, 70);

        TrainedMixture again = await MixtureTrainer.TrainAsync(routers, rows, cancellationToken: cancellationToken);
        Assert.Equal(trained.Parts, again.Parts);
        Assert.Equal(trained.HeldOut, again.HeldOut);
    }

    [Theory]
    [InlineData("All labels are 1", 1.0, 1.0)]
    [InlineData("All labels are 0.4", 0.4, 0.4)]
    [InlineData("label of row 1 is 1.5", 0.0, 1.5)]
    [InlineData("label of row 0 is NaN", double.NaN, 1.0)]
    public void Labels_that_nothing_can_be_learned_from_are_refused_with_the_reason(string reason, double first, double second)
    {
        var error = Assert.Throws<ArgumentException>(() => Train(Routers(1), [[0.5, 0.6]], [new("a", first), new("b", second)]));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Input_that_does_not_fit_together_is_refused_with_the_reason()
    {
        MixtureTrainingRow[] rows = [new("a", 0), new("b", 1)];
        Refused<ArgumentException>("0 routers", () => Train([], [], rows));
        Refused<ArgumentException>("3 scores of router 'fixed' for 2 rows", () => Train(Routers(1), [[0.5, 0.5, 0.5]], rows));
        Refused<InvalidOperationException>("Router 'fixed' gave 1.01 for row 1", () => Train(Routers(1), [[0.5, 1.01]], rows));
        Refused<ArgumentException>("weight of row 0 is -1", () => Train(Routers(1), [[0.5, 0.5]], [new("a", 0, -1), new("b", 1)]));
        Refused<ArgumentException>("no rows with a weight", () => Train(Routers(1), [Array.Empty<double>()], []));
        Refused<ArgumentException>("All labels are 1", () => Train(Routers(1), [[0.5, 0.5]], [new("a", 0, 0), new("b", 1)]));
        Refused<ArgumentException>("penalty", () => Train(Routers(1), [[0.5, 0.5]], rows, new() { Penalty = 0 }));
        Refused<ArgumentException>("Folds", () => Train(Routers(1), [[0.5, 0.5]], rows, new() { Folds = 1 }));
    }

    private static void Refused<T>(string reason, Func<object> train)
        where T : Exception => Assert.Contains(reason, Assert.ThrowsAny<T>(train).Message, StringComparison.Ordinal);

    private static TrainedMixture Train(IReadOnlyList<IRouter> routers, IReadOnlyList<IReadOnlyList<double>> scores, IReadOnlyList<MixtureTrainingRow> rows, MixtureTrainingOptions? options = null) =>
        MixtureTrainer.Train(routers, scores, rows, options, TestContext.Current.CancellationToken);

    private static IRouter[] Routers(int count) => [.. Enumerable.Range(0, count).Select(static _ => new FixedRouter(0.5))];

    /// <summary>Makes independent scores, and labels that a mixture of them with given weights would predict.</summary>
    private static (double[][] Scores, MixtureTrainingRow[] Rows) Plant(double[] weights, double bias, int count, int seed, bool hard)
    {
        var random = new Random(seed);
        double[][] scores = [.. weights.Select(_ => Enumerable.Range(0, count).Select(_ => 0.05 + (0.9 * random.NextDouble())).ToArray())];
        MixtureTrainingRow[] rows =
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                double p = 1 / (1 + Math.Exp(-bias - weights.Select((weight, j) => weight * Math.Log(scores[j][i] / (1 - scores[j][i]))).Sum()));
                return new MixtureTrainingRow($"prompt {i}", hard ? (random.NextDouble() < p ? 1 : 0) : p);
            }),
        ];
        return (scores, rows);
    }
}
