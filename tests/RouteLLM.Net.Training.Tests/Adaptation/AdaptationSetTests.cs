using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests;

public class AdaptationSetTests
{
    [Theory]
    [InlineData(1.1, 1)]
    [InlineData(-0.1, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0.5, 0)]
    [InlineData(0.5, double.NaN)]
    [InlineData(0.5, double.PositiveInfinity)]
    public void A_row_that_is_not_sound_is_named(double label, double weight)
    {
        string message = Assert.Throws<ArgumentException>(() => new AdaptationSet("tickets", [new LabeledPrompt("fine", 0), new LabeledPrompt("bad", label, weight)])).Message;
        Assert.Contains("Row 1 of set 'tickets'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_without_a_prompt_and_a_weight_that_is_none_are_refused()
    {
        Assert.Contains("no prompt", Assert.Throws<ArgumentException>(() => new AdaptationSet("a", [default])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdaptationSet("a", [], weight: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdaptationSet("a", [], weight: double.NaN));
        Assert.Throws<ArgumentException>(() => new AdaptationSet(" ", []));
    }

    [Fact]
    public void Scores_of_both_models_come_before_a_rating()
    {
        EvaluationRow scored = Row("1", ("a", 0.75), ("b", 0.5)) with { StrongProbability = 0.9 };
        EvaluationRow worse = Row("2", ("a", 0.0), ("b", 1.0));
        AdaptationSet both = AdaptationSet.FromRows("s", [scored, worse], "a", "b", group: static row => $"g{row.Id}");
        Assert.Equal([0.25, 0], both.Rows.Select(static row => row.Label));
        Assert.Equal([0.25, -1], both.Gains!);
        Assert.Equal(["g1", "g2"], both.Rows.Select(static row => row.Group));

        AdaptationSet mixed = AdaptationSet.FromRows("s", [worse, Row("3", ("a", 1.0)) with { StrongProbability = 0.4 }], "a", "b");
        Assert.Equal([0, 0.4], mixed.Rows.Select(static row => row.Label));
        Assert.Null(mixed.Gains);
    }

    [Fact]
    public void A_row_that_says_nothing_of_the_pair_is_named_with_what_it_has()
    {
        string message = Assert.Throws<ArgumentException>(() => AdaptationSet.FromRows("s", [Row("1", ("a", 1.0), ("b", 0.0)), Row("q/7", ("a", 1.0), ("c", 0.0))], "a", "b")).Message;
        Assert.Contains("'q/7'", message, StringComparison.Ordinal);
        Assert.Contains("a, c", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apgr_is_reported_where_scores_are_known()
    {
        var random = new Random(3);
        EvaluationRow[] rows = [.. Domain.Rows(120, 6, Domain.NewWords).Select((row, i) => Row($"{i}", ("big", row.Label), ("small", random.Next(10) == 0 ? 1 : 0)) with { Prompt = row.Prompt })];
        AdaptationReport report = RouterAdapter.Adapt(Domain.Model, [AdaptationSet.FromRows("s", rows, "big", "small")], cancellationToken: TestContext.Current.CancellationToken).Report!;
        double expected = CostQualityCurve.Create([.. rows.Select(static row => Domain.Original(row.Prompt))], [.. rows.Select(static row => row.Scores["big"])], [.. rows.Select(static row => row.Scores["small"])]).Apgr;
        Assert.Equal(expected, report.Apgr!.Value.Before, 1e-3);
        Assert.True(report.Apgr.Value.After > report.Apgr.Value.Before);
    }

    private static EvaluationRow Row(string id, params (string Model, double Score)[] scores) =>
        new() { Id = id, Source = "s", Split = "train", Prompt = $"prompt {id}", Scores = scores.ToDictionary(static s => s.Model, static s => s.Score) };
}
