using CsCheck;
using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.Labels;

public class LabelRulesTests
{
    [Theory]
    [InlineData(1, 0, TieReading.NotAWin, 0, 1, 1)]
    [InlineData(0, 1, TieReading.NotAWin, 0, 0, 1)]
    [InlineData(0.5, 0.5, TieReading.NotAWin, 0, 0, 1)]
    [InlineData(0.5, 0.5, TieReading.HalfWin, 0, 0.5, 1)]
    [InlineData(1, 0, TieReading.HalfWin, 0, 1, 1)]
    [InlineData(0, 1, TieReading.Dropped, 0, 0, 1)]
    [InlineData(0.75, 0.5, TieReading.NotAWin, 0.25, 0, 1)]
    [InlineData(0.875, 0.5, TieReading.NotAWin, 0.25, 1, 1)]
    [InlineData(0.5, 0.75, TieReading.HalfWin, 0.25, 0.5, 1)]
    public void A_higher_score_wins_and_one_within_the_margin_ties(double strong, double weak, TieReading ties, double margin, double label, double weight)
    {
        LabelingResult result = LabelRules.FromScores([Row("a", strong, weak)], "strong", "weak", new LabelOptions { Ties = ties, Margin = margin });

        Assert.Equal(new LabeledPrompt("prompt a", label, weight), Assert.Single(result.Labels));
    }

    [Theory]
    [InlineData(0.75, 0.25, TieReading.NotAWin, 0.5, 1)]
    [InlineData(0.25, 0.75, TieReading.NotAWin, 0, 1)]
    [InlineData(0.75, 0.25, TieReading.HalfWin, 0.75, 1)]
    [InlineData(0.25, 0.75, TieReading.HalfWin, 0.25, 1)]
    [InlineData(0.75, 0.25, TieReading.Dropped, 1, 0.5)]
    [InlineData(0.25, 0.75, TieReading.Dropped, 0, 0.5)]
    public void A_difference_of_scores_is_the_probability_of_a_win(double strong, double weak, TieReading ties, double label, double weight)
    {
        LabelingResult result = LabelRules.FromScores([Row("a", strong, weak)], "strong", "weak", new LabelOptions { Ties = ties, Scores = ScoreReading.Difference });

        Assert.Equal(new LabeledPrompt("prompt a", label, weight), Assert.Single(result.Labels));
    }

    [Fact]
    public void Rows_without_labels_are_counted_by_reason()
    {
        EvaluationRow[] rows =
        [
            Row("a", 1, 0), Row("b", 1, null), Row("c", null, 1), Row("d", null, null), Row("e", double.NaN, 1), Row("f", 0.5, 0.5),
            new() { Id = "g", Source = "s", Split = "train", Prompt = " ", Scores = new Dictionary<string, double> { ["strong"] = 1, ["weak"] = 0 } },
        ];

        LabelingResult result = LabelRules.FromScores(rows, "strong", "weak", new LabelOptions { Ties = TieReading.Dropped });

        Assert.Equal("prompt a", Assert.Single(result.Labels).Prompt);
        Assert.Equal(7, result.Read);
        Assert.Equal(
            new Dictionary<LabelDropReason, int>
            {
                [LabelDropReason.NoWeakScore] = 1, [LabelDropReason.NoStrongScore] = 2, [LabelDropReason.NoScores] = 1, [LabelDropReason.Tie] = 1, [LabelDropReason.NoPrompt] = 1,
            },
            result.Dropped);
        Assert.Equal(
            "1 of 7 rows labelled; left out: 2 without a score of the strong model, 1 without a score of the weak model, 1 without a score of either model, 1 without a prompt, 1 ties",
            result.ToString());
    }

    [Fact]
    public void A_missing_score_is_refused_on_demand_with_row_and_model()
    {
        var options = new LabelOptions { Missing = MissingScores.Refuse };

        ArgumentException error = Assert.Throws<ArgumentException>(() => LabelRules.FromScores([Row("a", 1, 0), Row("b", 1, null)], "strong", "weak", options));

        Assert.Contains("'b'", error.Message);
        Assert.Contains("'weak'", error.Message);
    }

    [Fact]
    public void A_difference_that_is_no_probability_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => LabelRules.FromScores([Row("a", 7, 0)], "strong", "weak", new LabelOptions { Scores = ScoreReading.Difference }));

        Assert.Contains("'a'", error.Message);
        Assert.Equal(1, LabelRules.FromScores([Row("a", 7, 0)], "strong", "weak").Labels[0].Label);
    }

    [Fact]
    public void Groups_come_from_the_rows() =>
        Assert.Equal("s", LabelRules.FromScores([Row("a", 1, 0)], "strong", "weak", new LabelOptions { Group = row => row.Source }).Labels[0].Group);

    [Fact]
    public void Swapping_the_models_turns_a_label_with_half_ties_around() =>
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 0.5], Gen.Bool).Sample((a, b, margin, soft) =>
        {
            var options = new LabelOptions { Ties = TieReading.HalfWin, Margin = margin, Scores = soft ? ScoreReading.Difference : ScoreReading.Outcome };
            double forward = LabelRules.FromScores([Row("a", a, b)], "strong", "weak", options).Labels[0].Label;
            double backward = LabelRules.FromScores([Row("a", a, b)], "weak", "strong", options).Labels[0].Label;
            Assert.Equal(1, forward + backward, 12);
        });

    [Theory]
    [InlineData(TieReading.NotAWin, new[] { 1.0, 0, 0, 1, 0 })]
    [InlineData(TieReading.HalfWin, new[] { 1.0, 0, 0.5, 1, 0 })]
    [InlineData(TieReading.Dropped, new[] { 1.0, 0, 1, 0 })]
    public void Battles_count_in_either_order(TieReading ties, double[] labels)
    {
        Battle[] battles =
        [
            new("s", "w", BattleWinner.ModelA, "p"), new("s", "w", BattleWinner.ModelB, "p"), new("w", "s", BattleWinner.Tie, "p"), new("w", "s", BattleWinner.ModelB, "p"), new("w", "s", BattleWinner.ModelA, "p"),
            new("s", "other", BattleWinner.ModelA, "p"), new("s", "w", BattleWinner.ModelA),
        ];

        LabelingResult result = LabelRules.FromBattles(battles, "s", "w", ties);

        Assert.Equal(labels, result.Labels.Select(label => label.Label));
        Assert.Equal(1, result.Dropped[LabelDropReason.OtherModels]);
        Assert.Equal(1, result.Dropped[LabelDropReason.NoPrompt]);
    }

    [Fact]
    public void Ratings_are_labels_as_they_are()
    {
        EvaluationRow rated = Row("a", null, null) with { StrongProbability = 0.3 };

        LabelingResult result = LabelRules.FromRatings([rated, Row("b", 1, 0)]);

        Assert.Equal(new LabeledPrompt("prompt a", 0.3), Assert.Single(result.Labels));
        Assert.Equal(1, result.Dropped[LabelDropReason.NoRating]);
    }

    [Fact]
    public void The_mean_label_is_weighted()
    {
        LabelingResult result = LabelRules.FromScores([Row("a", 1, 0), Row("b", 0, 0.5)], "strong", "weak", new LabelOptions { Scores = ScoreReading.Difference, Ties = TieReading.Dropped });

        Assert.Equal(1 / 1.5, result.MeanLabel, 12);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Assert.Throws<ArgumentException>(() => LabelRules.FromScores([], "same", "same"));
        Assert.Throws<ArgumentException>(() => LabelRules.FromBattles([], "same", "same"));
        Assert.Throws<ArgumentException>(() => LabelRules.FromScores([], "strong", "weak", new LabelOptions { Margin = -1 }));
        Assert.Throws<ArgumentException>(() => LabelRules.FromScores([], "strong", "weak", new LabelOptions { Margin = double.NaN }));
        Assert.Throws<ArgumentException>(() => LabelRules.FromScores([], "strong", "weak", new LabelOptions { Ties = (TieReading)9 }));
    }

    [Fact]
    public void Real_rows_are_labelled_as_they_are_scored()
    {
        IReadOnlyList<EvaluationRow> rows = SharedData.Rows();

        LabelingResult result = LabelRules.FromScores(rows, BuiltInRouterRecipe.StrongModel, BuiltInRouterRecipe.WeakModel);

        int scored = rows.Count(row => row.Scores.ContainsKey(BuiltInRouterRecipe.StrongModel) && row.Scores.ContainsKey(BuiltInRouterRecipe.WeakModel));
        int won = rows.Count(row => row.Scores.TryGetValue(BuiltInRouterRecipe.StrongModel, out double s) && row.Scores.TryGetValue(BuiltInRouterRecipe.WeakModel, out double w) && s > w);
        Assert.Equal(scored, result.Labels.Count);
        Assert.Equal(rows.Count, result.Read);
        Assert.Equal((double)won / scored, result.MeanLabel, 9);
    }

    private static EvaluationRow Row(string id, double? strong, double? weak)
    {
        var scores = new Dictionary<string, double>();
        if (strong is { } s)
        {
            scores["strong"] = s;
        }

        if (weak is { } w)
        {
            scores["weak"] = w;
        }

        return new() { Id = id, Source = "s", Split = "train", Prompt = $"prompt {id}", Scores = scores };
    }
}
