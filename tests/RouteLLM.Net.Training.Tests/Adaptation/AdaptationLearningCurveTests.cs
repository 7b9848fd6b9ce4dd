using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests;

public class AdaptationLearningCurveTests
{
    [Fact]
    public void Quality_rises_with_labels_where_there_is_something_to_learn()
    {
        AdaptationSet set = new("new words", Domain.Rows(450, 2, Domain.NewWords, draw: false));
        var curve = AdaptationLearningCurve.Create(Domain.Model, set, curve: new LearningCurveOptions { Repetitions = 4, Sizes = [25, 100, 300] }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(curve.Before!.Mean, 0, 0.75);
        Assert.InRange(curve.Points[^1].Mean, 0.9, 1);
        Assert.True(curve.Points[0].Mean < curve.Points[1].Mean && curve.Points[1].Mean < curve.Points[2].Mean);
    }

    [Fact]
    public void Log_loss_is_measured_with_its_sign_turned()
    {
        LabeledPrompt[] rows = Domain.Rows(100, 2, static (_, logit) => logit - 2);
        var curve = AdaptationLearningCurve.Create(
            new AdaptationSet("shifted", rows), static (_, _) => static _ => 0.25, static _ => 0.5, AdaptationMeasure.LogLoss, new LearningCurveOptions { Repetitions = 2, HighestQuality = 0 }, null, TestContext.Current.CancellationToken);
        Assert.Equal(-Math.Log(2), curve.Before!.Mean, 9);
        Assert.InRange(curve.Points[0].Mean, Math.Log(0.25), Math.Log(0.75));
    }

    [Fact]
    public void Labels_that_are_all_the_same_by_chance_leave_the_original_as_it_is()
    {
        // One win in sixty: most small draws have none.
        LabeledPrompt[] rows = [.. Domain.Prompts(120, 3).Distinct().Select((prompt, i) => new LabeledPrompt(prompt, i % 60 == 0 ? 1 : 0))];
        var curve = AdaptationLearningCurve.Create(
            Domain.Model, new AdaptationSet("rare", rows), AdaptationMeasure.LogLoss, curve: new LearningCurveOptions { Repetitions = 4, Sizes = [10], HighestQuality = 0 }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(curve.Points[0].Qualities.Zip(curve.Before!.Qualities), static pair => pair.First == pair.Second);
    }
}
