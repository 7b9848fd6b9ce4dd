using RouteLLM.Training;

namespace RouteLLM.Training.Tests.Mixtures;

public class MixtureTrainerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_recovers_planted_weights()
    {
        double[] planted = [1.5, -0.7, 0.4];
        var random = new Random(1);
        var scores = Enumerable.Range(0, 4000).Select(i => (Prompt: $"{i}", A: 0.02 + (0.96 * random.NextDouble()), B: 0.02 + (0.96 * random.NextDouble()))).ToDictionary(row => row.Prompt);
        LabeledPrompt[] rows = [.. scores.Values.Select(row => new LabeledPrompt(row.Prompt, Sigmoid((planted[0] * Logit(row.A)) + (planted[1] * Logit(row.B)) + planted[2])))];

        TrainedMixture fit = await MixtureTrainer.FitAsync([new DelegateRouter(prompt => scores[prompt].A), new DelegateRouter(prompt => scores[prompt].B)], rows, penalty: 1e-6, Cancel);

        Assert.Equal(planted[0], fit.Router.Parts[0].Weight, 1e-4);
        Assert.Equal(planted[1], fit.Router.Parts[1].Weight, 1e-4);
        Assert.Equal(planted[2], fit.Router.Bias, 1e-4);
        Assert.Equal(rows[7].Label, await fit.Router.PredictWinProbabilityAsync(rows[7].Prompt, Cancel), 1e-4);
        Assert.NotNull(fit.Router.GetService<ScoreQuantiles>());
    }

    [Fact]
    public async Task It_is_no_worse_than_its_best_part_on_the_rows_it_was_fitted_on()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            LabeledPrompt[] rows = [.. Enumerable.Range(0, 200).Select(i => new LabeledPrompt(new string('x', random.Next(1, 100)), random.NextDouble() < 0.3 ? 1 : 0, 0.5 + random.NextDouble()))];
            TrainedMixture fit = await MixtureTrainer.FitAsync([new PromptLengthRouter(0, 100), new FixedRouter(0.3)], rows, penalty: 1e-6, Cancel);

            Assert.True(fit.LogLoss <= fit.PartLogLosses.Min() + 1e-9, $"seed {seed}: {fit.LogLoss} against {fit.PartLogLosses.Min()}");
            Assert.True(fit.HeldOutLogLoss >= fit.LogLoss - 0.05);
        }
    }

    [Fact]
    public async Task Few_rows_change_an_even_mean_little()
    {
        LabeledPrompt[] rows = [.. Enumerable.Range(0, 10).Select(i => new LabeledPrompt(new string('x', 10 * i), i % 2))];
        TrainedMixture fit = await MixtureTrainer.FitAsync([new PromptLengthRouter(0, 100), new FixedRouter(0.5)], rows, penalty: 1000, Cancel);
        Assert.All(fit.Router.Parts, part => Assert.Equal(0.5, part.Weight, 0.05));
    }

    [Fact]
    public async Task It_says_what_is_wrong_with_rows_that_teach_nothing()
    {
        IRouter[] routers = [new FixedRouter(0.5)];
        LabeledPrompt[] same = [.. Enumerable.Repeat(new LabeledPrompt("x", 1), 20)];
        Assert.Contains("All labels are 1", (await Assert.ThrowsAsync<ArgumentException>(() => MixtureTrainer.FitAsync(routers, same, cancellationToken: Cancel))).Message);
        Assert.Contains("at least 10", (await Assert.ThrowsAsync<ArgumentException>(() => MixtureTrainer.FitAsync(routers, same[..3], cancellationToken: Cancel))).Message);
        same[4] = new LabeledPrompt("x", double.NaN);
        Assert.Contains("Row 4", (await Assert.ThrowsAsync<ArgumentException>(() => MixtureTrainer.FitAsync(routers, same, cancellationToken: Cancel))).Message);
        await Assert.ThrowsAsync<ArgumentException>(() => MixtureTrainer.FitAsync([], same, cancellationToken: Cancel));
    }

    private static double Logit(double p) => Math.Log(p / (1 - p));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
