namespace RouteLLM.Training.Tests;

public class HashedMatrixFactorizationTrainerTests
{
    private static readonly string[] s_easy = ["hello", "thanks", "weather", "name", "colour", "day", "thing", "please"];
    private static readonly string[] s_hard = ["prove", "lemma", "theorem", "integral", "rigorous", "convergence", "topology", "compact"];

    [Fact]
    public void Planted_difficulty_and_ability_are_recovered()
    {
        TrainedMatrixFactorization trained = HashedMatrixFactorizationTrainer.Train(Prompts(), Options(), TestContext.Current.CancellationToken);
        HashedMatrixFactorizationRouter router = trained.Model.ForDefaultPair();
        double easy = router.PredictWinProbability("hello please weather colour");
        double hard = router.PredictWinProbability("prove theorem topology compact");
        Assert.InRange(easy, 0, 0.25);
        Assert.InRange(hard, 0.6, 1);

        // On benchmarks, model "middle" was made to stand between the two: it beats the weak one on hard prompts less often than the strong one does.
        double middle = trained.Model.ForPair("middle", "small").PredictWinProbability("exam: prove theorem topology compact");
        double strong = trained.Model.ForPair("big", "small").PredictWinProbability("exam: prove theorem topology compact");
        Assert.True(middle < strong, $"{middle} should be less than {strong}");
    }

    [Fact]
    public void Held_out_probabilities_are_calibrated_and_give_the_quantiles()
    {
        List<TrainingPrompt> prompts = Prompts();
        TrainedMatrixFactorization trained = HashedMatrixFactorizationTrainer.Train(prompts, Options(), TestContext.Current.CancellationToken);
        int[] traffic = [.. Enumerable.Range(0, prompts.Count).Where(i => prompts[i].IsTraffic == true)];
        Assert.Equal(traffic.Average(i => prompts[i].Outcomes[0].FirstWins), traffic.Average(i => trained.HeldOut[i]), 0.005);
        Assert.All(prompts.Index(), prompt => Assert.Equal(prompt.Item.IsTraffic is not null && prompt.Item.Outcomes.Any(static o => o is { First: "big", Second: "small" }), !double.IsNaN(trained.HeldOut[prompt.Index])));
        ScoreQuantiles quantiles = trained.Model.ForDefaultPair().GetService<ScoreQuantiles>()!;
        double threshold = quantiles.ThresholdForStrongShare(0.3);
        Assert.Equal(0.3, traffic.Average(i => trained.HeldOut[i] >= threshold ? 1.0 : 0), 2);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_with_any_number_of_threads()
    {
        byte[] one = Train(Options(threads: 1));
        Assert.Equal(one, Train(Options(threads: 4)));
        Assert.NotEqual(one, Train(Options(seed: 1)));

        static byte[] Train(HashedMatrixFactorizationTrainingOptions options) => HashedMatrixFactorizationTrainer.Train(Prompts(), options, TestContext.Current.CancellationToken).Artifact.ToArray();
    }

    [Fact]
    public void Invalid_outcomes_options_and_missing_traffic_are_refused()
    {
        TrainingPrompt Rated(double p, double weight = 1) => new("hi", [new PairOutcome("big", "small", p, null, weight)], IsTraffic: true);
        Assert.Throws<ArgumentException>(() => HashedMatrixFactorizationTrainer.Train([Rated(1.5)], Options(), TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => HashedMatrixFactorizationTrainer.Train([Rated(0.5, double.NaN)], Options(), TestContext.Current.CancellationToken));
        Assert.Contains("calibration", Assert.Throws<ArgumentException>(() => HashedMatrixFactorizationTrainer.Train([Rated(0.5) with { IsTraffic = null }], Options(), TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => HashedMatrixFactorizationTrainer.Train([Rated(0.5)], new() { StrongModel = "big", WeakModel = "small", Folds = 1 }, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => HashedMatrixFactorizationTrainer.Train([Rated(0.5)], new() { StrongModel = "big", WeakModel = "big" }, TestContext.Current.CancellationToken));
    }

    private static HashedMatrixFactorizationTrainingOptions Options(int seed = 0, int threads = -1) =>
        new() { StrongModel = "big", WeakModel = "small", Seed = seed, MaxDegreeOfParallelism = threads, BenchmarkPenalty = 0.1, MaxIterations = 60 };

    private static List<TrainingPrompt> Prompts()
    {
        var random = new Random(11);
        var prompts = new List<TrainingPrompt>();
        for (int i = 0; i < 600; i++)
        {
            int hardWords = random.Next(5);
            string text = string.Join(' ', Enumerable.Range(0, 4).Select(k => k < hardWords ? s_hard[random.Next(s_hard.Length)] : s_easy[random.Next(s_easy.Length)]).OrderBy(_ => random.Next()));
            double strength = 1.5 * (hardWords - 2);
            if (i % 2 == 0)
            {
                prompts.Add(new TrainingPrompt(text, [new PairOutcome("big", "small", 1 / (1 + Math.Exp(-strength)), null)], IsTraffic: true));
            }
            else
            {
                prompts.Add(new TrainingPrompt(
                    $"exam: {text}",
                    [Draw("big", "small", strength + 2), Draw("middle", "small", (strength + 2) / 2), Draw("big", "middle", (strength + 2) / 2)],
                    IsTraffic: false));
            }
        }

        return prompts;

        PairOutcome Draw(string first, string second, double difference)
        {
            double u = random.NextDouble();
            double win = 1 / (1 + Math.Exp(1 - difference));
            double loss = 1 / (1 + Math.Exp(1 + difference));
            return new PairOutcome(first, second, u < win ? 1 : 0, u > 1 - loss ? 1 : 0);
        }
    }
}
