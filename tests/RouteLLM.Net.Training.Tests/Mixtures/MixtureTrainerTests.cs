using CsCheck;

namespace RouteLLM.Training.Tests.Mixtures;

public class MixtureTrainerTests
{
    private static readonly Gen<int> s_seed = Gen.Int[0, 1_000_000];

    [Fact]
    public void Planted_weights_are_found_from_soft_labels()
    {
        (double[][] scores, LabeledPrompt[] rows) = Plant([0.7, 0.4, -0.2], -0.5, count: 500, seed: 1, hard: false);
        TrainedMixture trained = Fit(Routers(3), scores, rows, penalty: 1e-6);

        Assert.Equal([0.7, 0.4, -0.2], trained.Router.Parts.Select(static part => part.Weight), (expected, actual) => Math.Abs(expected - actual) < 0.01);
        Assert.Equal(-0.5, trained.Router.Bias, 0.01);
    }

    [Fact]
    public void Planted_weights_are_found_from_observed_outcomes_as_well_as_their_number_allows()
    {
        (double[][] scores, LabeledPrompt[] rows) = Plant([0.8, 0.5], 0.3, count: 20_000, seed: 2, hard: true);
        TrainedMixture trained = Fit(Routers(2), scores, rows);

        Assert.Equal([0.8, 0.5], trained.Router.Parts.Select(static part => part.Weight), (expected, actual) => Math.Abs(expected - actual) < 0.05);
        Assert.Equal(0.3, trained.Router.Bias, 0.05);
    }

    [Fact]
    public void On_its_rows_the_mixture_is_never_worse_than_the_best_router_alone() =>
        Gen.Select(s_seed, Gen.Int[1, 4], Gen.Int[10, 60], Gen.Double[0.01, 100], Gen.Bool).Sample(
            (seed, routers, count, penalty, hard) =>
            {
                // The labels have nothing to do with the scores, so that every fit is an overfit.
                var random = new Random(seed);
                double[][] scores = [.. Enumerable.Range(0, routers).Select(_ => Enumerable.Range(0, count).Select(_ => random.NextDouble()).ToArray())];
                LabeledPrompt[] rows = [.. Enumerable.Range(0, count).Select(i => new LabeledPrompt($"{i}", i == 0 ? 1 : hard ? random.Next(2) * (i == 1 ? 0 : 1) : random.NextDouble() * 0.9, random.NextDouble() + 0.1))];

                TrainedMixture trained = Fit(Routers(routers), scores, rows, penalty);

                Assert.True(trained.LogLoss <= trained.PartLogLosses.Min() + 1e-12);
                Assert.All(trained.Router.Parts, static part => Assert.True(double.IsFinite(part.Weight)));
            },
            iter: 200);

    [Fact]
    public void Doubling_a_weight_is_repeating_the_row()
    {
        (double[][] scores, LabeledPrompt[] rows) = Plant([0.6, 0.6], 0, count: 60, seed: 3, hard: true);
        TrainedMixture weighted = Fit(Routers(2), scores, [.. rows.Select(static row => row with { Weight = 2 })]);
        TrainedMixture repeated = Fit(Routers(2), [.. scores.Select(static part => part.Concat(part).ToArray())], [.. rows, .. rows]);

        Assert.Equal(repeated.Router.Bias, weighted.Router.Bias, 1e-6);
        Assert.Equal(repeated.Router.Parts.Select(static part => part.Weight), weighted.Router.Parts.Select(static part => part.Weight), static (expected, actual) => Math.Abs(expected - actual) < 1e-6);
        Assert.Equal(repeated.HeldOutLogLoss, weighted.HeldOutLogLoss, 1e-6);
    }

    [Fact]
    public void Signals_that_err_apart_are_better_together_on_rows_held_out()
    {
        (double[][] scores, LabeledPrompt[] rows) = Plant([1, 1], 0, count: 1000, seed: 4, hard: true);
        TrainedMixture trained = Fit(Routers(2), scores, rows);

        Assert.True(trained.HeldOutLogLoss < trained.PartLogLosses.Min() - 0.01);
        Assert.True(trained.LogLoss < trained.HeldOutLogLoss);
    }

    [Fact]
    public void Rows_of_a_group_are_held_out_together()
    {
        // Within a group all is the same; a mixture that saw one row of a group would know the others.
        (double[][] scores, LabeledPrompt[] rows) = Plant([1], 0, count: 23, seed: 5, hard: true);
        double[][] copies = [.. scores.Select(static part => part.Concat(part).ToArray())];
        LabeledPrompt[] grouped = [.. rows, .. rows.Select(static row => row with { Prompt = row.Prompt + " again", Group = row.Prompt })];
        TrainedMixture trained = Fit(Routers(1), copies, grouped);

        Assert.Equal(trained.HeldOut.Take(23), trained.HeldOut.Skip(23));
    }

    [Fact]
    public void Labels_that_the_scores_separate_give_finite_weights()
    {
        double[] scores = [.. Enumerable.Range(0, 40).Select(static i => i < 20 ? 0.2 : 0.8)];
        TrainedMixture trained = Fit(Routers(2), [scores, scores], [.. Enumerable.Range(0, 40).Select(static i => new LabeledPrompt($"{i}", i < 20 ? 0 : 1))]);

        Assert.All(trained.Router.Parts, static part => Assert.InRange(part.Weight, 0.1, 10));
        Assert.InRange(trained.LogLoss, 0, 0.1);
    }

    [Fact]
    public async Task Routers_are_scored_and_the_mixture_routes_with_the_weights_and_quantiles_found()
    {
        IRouter[] routers = [new PromptLengthRouter(), new KeywordRouter([new KeywordRule(0.9, "prove")], 0.2)];
        LabeledPrompt[] rows =
        [
            .. Enumerable.Range(1, 200).Select(static i => new LabeledPrompt($"{(i % 3 == 0 ? "prove" : "tell")} {new string('x', i * 5)}", (i % 3 == 0 ? 0.5 : 0.1) + (i / 500.0))),
        ];
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        TrainedMixture trained = await MixtureTrainer.FitAsync(routers, rows, cancellationToken: cancellationToken);

        Assert.Equal(routers, trained.Router.Parts.Select(static part => part.Router));
        Assert.All(trained.Router.Parts, static part => Assert.True(part.Weight > 0));
        Assert.InRange(trained.HeldOutLogLoss, trained.LogLoss, trained.PartLogLosses.Min());

        double threshold = trained.Router.GetService<ScoreQuantiles>()!.ThresholdForStrongShare(0.3);
        IReadOnlyList<double> scores = await trained.Router.PredictWinProbabilitiesAsync(rows.Select(static row => row.Prompt), cancellationToken);
        Assert.InRange(scores.Count(score => score >= threshold), 50, 70);

        TrainedMixture again = await MixtureTrainer.FitAsync(routers, rows, cancellationToken: cancellationToken);
        Assert.Equal(trained.Router.Parts.Select(static part => part.Weight), again.Router.Parts.Select(static part => part.Weight));
        Assert.Equal(trained.HeldOut, again.HeldOut);
    }

    [Fact]
    public async Task Rows_that_nothing_can_be_learned_from_are_refused_with_the_reason()
    {
        LabeledPrompt[] rows = [.. Enumerable.Range(0, 10).Select(static i => new LabeledPrompt($"{i}", i % 2))];
        double[] scores = [.. rows.Select(static _ => 0.5)];
        Refused<ArgumentException>("All labels are 1", () => Fit(Routers(1), [scores], [.. rows.Select(static row => row with { Label = 1 })]));
        Refused<ArgumentException>("All labels are 0.4", () => Fit(Routers(1), [scores], [.. rows.Select(static row => row with { Label = 0.4 })]));
        Refused<ArgumentException>("Row 3 has the label 1.5", () => Fit(Routers(1), [scores], Changed(rows, 3, rows[3] with { Label = 1.5 })));
        Refused<ArgumentException>("Row 3 has the label NaN", () => Fit(Routers(1), [scores], Changed(rows, 3, rows[3] with { Label = double.NaN })));
        Refused<ArgumentException>("the weight -1", () => Fit(Routers(1), [scores], Changed(rows, 3, rows[3] with { Weight = -1 })));
        Refused<ArgumentException>("the weight 0", () => Fit(Routers(1), [scores], Changed(rows, 3, rows[3] with { Weight = 0 })));
        Refused<ArgumentException>("at least 10", () => Fit(Routers(1), [scores], rows[..9]));
        Refused<ArgumentException>("one group", () => Fit(Routers(1), [scores], [.. rows.Select(static row => row with { Group = "one" })]));

        // Before any router is asked, which may cost money.
        var asked = new DelegateRouter(static (string _) => throw new FormatException());
        await Assert.ThrowsAsync<ArgumentException>(() => MixtureTrainer.FitAsync([asked], rows[..9], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Scores_that_do_not_fit_the_rows_are_refused_with_the_reason()
    {
        LabeledPrompt[] rows = [.. Enumerable.Range(0, 10).Select(static i => new LabeledPrompt($"{i}", i % 2))];
        double[] scores = [.. rows.Select(static _ => 0.5)];
        Refused<ArgumentException>("no routers", () => Fit([], [], rows));
        Refused<ArgumentException>("scores of 2 routers, but 1", () => Fit(Routers(1), [scores, scores], rows));
        Refused<ArgumentException>("9 scores of router 'fixed' for 10 rows", () => Fit(Routers(1), [scores[..9]], rows));
        Refused<InvalidOperationException>("Router 'fixed' gave 1.01 for row 1", () => Fit(Routers(1), [Changed(scores, 1, 1.01)], rows));
        Refused<InvalidOperationException>("Router 'fixed' gave NaN for row 9", () => Fit(Routers(1), [Changed(scores, 9, double.NaN)], rows));
        Refused<ArgumentException>("penalty", () => Fit(Routers(1), [scores], rows, penalty: 0));
    }

    private static T[] Changed<T>(T[] values, int index, T value) => [.. values[..index], value, .. values[(index + 1)..]];

    private static void Refused<T>(string reason, Func<object> train)
        where T : Exception => Assert.Contains(reason, Assert.ThrowsAny<T>(train).Message, StringComparison.Ordinal);

    private static TrainedMixture Fit(IReadOnlyList<IRouter> routers, IReadOnlyList<IReadOnlyList<double>> scores, IReadOnlyList<LabeledPrompt> rows, double penalty = 1) =>
        MixtureTrainer.Fit(routers, scores, rows, penalty, TestContext.Current.CancellationToken);

    private static IRouter[] Routers(int count) => [.. Enumerable.Range(0, count).Select(static _ => new FixedRouter(0.5))];

    /// <summary>Makes independent scores, and labels that a mixture of them with given weights would predict.</summary>
    private static (double[][] Scores, LabeledPrompt[] Rows) Plant(double[] weights, double bias, int count, int seed, bool hard)
    {
        var random = new Random(seed);
        double[][] scores = [.. weights.Select(_ => Enumerable.Range(0, count).Select(_ => 0.05 + (0.9 * random.NextDouble())).ToArray())];
        LabeledPrompt[] rows =
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                double p = 1 / (1 + Math.Exp(-bias - weights.Select((weight, j) => weight * Math.Log(scores[j][i] / (1 - scores[j][i]))).Sum()));
                return new LabeledPrompt($"prompt {i}", hard ? (random.NextDouble() < p ? 1 : 0) : p);
            }),
        ];
        return (scores, rows);
    }
}
