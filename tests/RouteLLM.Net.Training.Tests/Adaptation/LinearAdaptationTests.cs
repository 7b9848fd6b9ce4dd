using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests;

public class LinearAdaptationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(LinearFeatures.Binary)]
    [InlineData(LinearFeatures.TfIdf)]
    public void Rows_of_a_shifted_domain_help_a_linear_model(LinearFeatures features)
    {
        LinearModel original = Train(features);
        LinearRouter router = original.ForDefaultPair();
        LabeledPrompt[] unseen = Domain.Rows(500, 99, static (_, logit) => logit - 2, draw: false);
        AdaptedRouter adapted = RouterAdapter.Adapt(original, [new("shifted", Domain.Rows(80, 1, static (_, logit) => logit - 2))], new AdaptationOptions { StrongModel = "gpt-5", WeakModel = "gpt-5-mini" }, Token);
        LinearRouter loaded = LinearModel.Load(SafetensorsFile.Parse(adapted.Artifact)).ForDefaultPair();
        Assert.Equal(AdaptationVerdict.Better, adapted.Report!.Verdict);
        Assert.True(Domain.LogLoss(prompt => loaded.PredictWinProbability(prompt), unseen) < Domain.LogLoss(prompt => router.PredictWinProbability(prompt), unseen) - 0.1);
        Assert.Equal(["gpt-5", "gpt-5-mini"], loaded.GetService<LinearModel>()!.Models);
        Assert.Equal(original.Fingerprint, loaded.GetService<LinearModel>()!.Metadata["adaptation.original"]);
        Assert.NotNull(loaded.GetService<ScoreQuantiles>());
    }

    [Theory]
    [InlineData(LinearFeatures.Binary)]
    [InlineData(LinearFeatures.TfIdf)]
    public void Words_that_meant_nothing_to_the_original_are_learned(LinearFeatures features)
    {
        // The new words stand in the original's training data, where they mean nothing.
        LinearModel original = Train(features);
        LinearRouter router = original.ForDefaultPair();
        LabeledPrompt[] unseen = Domain.Rows(500, 99, Domain.NewWords, draw: false);
        double Rho(Func<string, double> score) => RankCorrelation.Spearman([.. unseen.Select(row => score(row.Prompt))], [.. unseen.Select(static row => row.Label)]);
        AdaptedRouter adapted = RouterAdapter.Adapt(original, [new("words", Domain.Rows(200, 1, Domain.NewWords))], new AdaptationOptions { Assess = false }, Token);
        Assert.True(Rho(prompt => ((LinearRouter)adapted.Router).PredictWinProbability(prompt)) > Rho(prompt => router.PredictWinProbability(prompt)) + 0.1);
    }

    [Fact]
    public void Without_corrections_the_adapted_logit_is_scale_times_original_plus_offset()
    {
        LinearModel original = Train(LinearFeatures.Binary);
        LinearRouter router = original.ForDefaultPair();
        AdaptedRouter adapted = RouterAdapter.Adapt(original, [new("shifted", Domain.Rows(200, 1, static (_, logit) => (0.5 * logit) + 1))], new AdaptationOptions { FeaturePenalties = [] }, Token);
        Assert.False(adapted.KeepsOriginal);
        Assert.All(Domain.Prompts(50, 8), prompt => Assert.Equal(
            (adapted.Scale * Domain.Logit(router.PredictWinProbability(prompt))) + adapted.Offset,
            Domain.Logit(((LinearRouter)adapted.Router).PredictWinProbability(prompt)),
            0.01));
    }

    [Fact]
    public void A_pair_of_a_pool_is_adapted_from_that_pair()
    {
        var random = new Random(4);
        EvaluationRow[] pool = [.. Domain.Prompts(200, 12).Distinct().Select((prompt, i) => Row(i, prompt, Domain.Original(prompt) > random.NextDouble() ? 0 : 1))];
        LinearModel original = LinearTrainer.TrainPool(pool, new LinearTrainingOptions { StrongModel = "big", WeakModel = "small" }, cancellationToken: Token).Model;
        LinearRouter pair = original.ForPair("big", "middle");
        LabeledPrompt[] rows = [.. Domain.Prompts(40, 4).Select(prompt => new LabeledPrompt(prompt, pair.PredictWinProbability(prompt)))];
        AdaptedRouter adapted = RouterAdapter.Adapt(original, [new("own", rows)], new AdaptationOptions { WeakModel = "middle" }, Token);
        Assert.True(adapted.KeepsOriginal);
        Assert.StartsWith("no gain: keep the original", adapted.Report!.Summary, StringComparison.Ordinal);
        Assert.All(rows, row => Assert.Equal(row.Label, ((LinearRouter)adapted.Router).PredictWinProbability(row.Prompt), 2e-3));

        static EvaluationRow Row(int i, string prompt, double small) => new()
        {
            Id = $"{i}", Source = "s", Split = "train", Prompt = prompt,
            Scores = new Dictionary<string, double> { ["big"] = 1, ["middle"] = (1 + small) / 2, ["small"] = small },
        };
    }

    [Fact]
    public void A_learning_curve_of_a_linear_model_starts_at_the_original()
    {
        var curve = AdaptationLearningCurve.Create(
            Train(LinearFeatures.Binary), new AdaptationSet("words", Domain.Rows(200, 2, Domain.NewWords, draw: false)), curve: new LearningCurveOptions { Repetitions = 2, Sizes = [25, 100] }, cancellationToken: Token);
        Assert.True(curve.Points[1].Mean > curve.Before!.Mean);
    }

    private static LinearModel Train(LinearFeatures features) =>
        LinearTrainer.Train(Domain.Rows(300, 7, static (_, logit) => logit, draw: false), new LinearTrainingOptions { StrongModel = "big", WeakModel = "small", Features = features }, cancellationToken: Token).Model;
}
