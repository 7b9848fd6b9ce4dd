using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests;

/// <summary>How good the shipped router is on prompts it was not trained on. What needs the training data is skipped without them.</summary>
public class BuiltInRouterQualityTests
{
    [Fact]
    public void It_ranks_prompts_of_an_author_that_nothing_was_trained_on()
    {
        EvaluationRow[] rows = [.. EvaluationRowReader.ReadFile(Path.Combine(AppContext.BaseDirectory, "BuiltIn", "unseen-author.jsonl"))];
        Assert.True(rows.Length > 300);
        double[] predicted = [.. rows.Select(static row => BuiltInRouter.Create().PredictWinProbability(row.Prompt))];
        double[] rated = [.. rows.Select(static row => row.StrongProbability!.Value)];
        Assert.InRange(RankCorrelation.Spearman(predicted, rated), 0.8, 1);
        Assert.InRange(CalibrationError.Expected(predicted, rated), 0, 0.05);
    }

    [Fact]
    public void It_ranks_rated_prompts_and_is_calibrated_on_them()
    {
        EvaluationRow[] rows = [.. SharedData.Rows().Where(static row => row.Split == "eval" && row.StrongProbability is not null)];
        double[] predicted = [.. rows.Select(static row => BuiltInRouter.Create().PredictWinProbability(row.Prompt))];
        double[] rated = [.. rows.Select(static row => row.StrongProbability!.Value)];
        Assert.InRange(RankCorrelation.Spearman(predicted, rated), 0.78, 1);
        Assert.InRange(CalibrationError.Expected(predicted, rated), 0, 0.05);
    }

    [Theory]
    [InlineData("mmlu/", 0.64)]
    [InlineData("gsm8k", 0.60)]
    public void It_recovers_the_gap_on_benchmarks(string source, double least)
    {
        EvaluationRow[] rows = [.. SharedData.Rows().Where(row => row.Split == "eval" && row.Source.StartsWith(source, StringComparison.Ordinal) && row.Source != "mmlu/high_school_mathematics")];
        var curve = CostQualityCurve.Create(
            [.. rows.Select(static row => BuiltInRouter.Create().PredictWinProbability(row.Prompt))],
            [.. rows.Select(static row => row.Scores[BuiltInRouterRecipe.StrongModel])],
            [.. rows.Select(static row => row.Scores[BuiltInRouterRecipe.WeakModel])]);
        Assert.InRange(curve.Apgr, least, 1.5);
        double error = CalibrationError.Expected(
            [.. rows.Select(static row => BuiltInRouter.Create().PredictWinProbability(row.Prompt))],
            [.. rows.Select(static row => row.Scores[BuiltInRouterRecipe.StrongModel] > row.Scores[BuiltInRouterRecipe.WeakModel] ? 1.0 : 0)]);
        Assert.InRange(error, 0, source == "gsm8k" ? 0.08 : 0.03);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    public void A_strong_share_holds_on_rated_prompts_it_was_not_calibrated_on(double share)
    {
        EvaluationRow[] rows = [.. SharedData.Rows().Where(static row => row.Split == "eval" && row.StrongProbability is not null)];
        HashedMatrixFactorizationRouter router = BuiltInRouter.Create();
        double threshold = router.GetService<ScoreQuantiles>()!.ThresholdForStrongShare(share);
        Assert.Equal(share, rows.Average(row => router.PredictWinProbability(row.Prompt) >= threshold ? 1.0 : 0), 0.04);
    }
}
