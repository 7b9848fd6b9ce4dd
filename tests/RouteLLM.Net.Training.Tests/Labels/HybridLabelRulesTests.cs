using CsCheck;
using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.Labels;

public class HybridLabelRulesTests
{
    private static readonly Gen<SampledRow[]> s_rows = Gen.Select(Gen.Int[-5, 5].Array[1, 4], Gen.Int[-5, 5].Array[1, 4])
        .Select((strong, weak) => Row([.. strong.Select(q => (double)q)], [.. weak.Select(q => (double)q)])).Array[1, 8];

    [Fact]
    public void The_deterministic_label_reads_the_first_sample_of_each_and_a_tie_is_no_win()
    {
        SampledRow[] rows = [Row([2, 0], [1, 9]), Row([1], [1]), Row([0], [1])];

        Assert.Equal([1, 0, 0], Labels(HybridLabelRules.Deterministic(rows, "strong", "weak")));
    }

    [Fact]
    public void The_deterministic_label_is_that_of_scores_with_the_default_options() =>
        s_rows.Sample(rows => Assert.Equal(
            LabelRules.FromScores(rows.Select(row => row.Row), "strong", "weak").Labels,
            HybridLabelRules.Deterministic(rows.Select(row => new SampledRow(row.Row, row.Row.Scores.ToDictionary(s => s.Key, s => (IReadOnlyList<double>)[s.Value]))), "strong", "weak").Labels));

    [Fact]
    public void The_probabilistic_label_is_the_share_of_pairs_that_the_strong_model_wins()
    {
        // Of six pairs, 3 > 1, 3 > 2, 2 > 1 are wins and 2 = 2 is none.
        SampledRow row = Row([3, 2], [1, 2, 4]);

        Assert.Equal(0.5, Assert.Single(HybridLabelRules.Probabilistic([row], "strong", "weak").Labels).Label);
    }

    [Fact]
    public void It_is_one_less_the_label_of_the_paper_for_the_small_model() => s_rows.Sample(rows =>
    {
        double[] labels = Labels(HybridLabelRules.Probabilistic(rows, "strong", "weak"));
        Assert.All(rows.Zip(labels), pair => Assert.Equal(1 - PaperLabel(pair.First, 0), pair.Second, 12));
    });

    [Fact]
    public void A_gap_is_chosen_where_the_strong_model_always_wins_by_a_little()
    {
        // Without a gap every label is 1 and tells nothing; with one of 1, the prompts differ.
        SampledRow[] rows = [Row([2], [1]), Row([4], [1])];

        TransformedLabels transformed = HybridLabelRules.Transformed(rows, "strong", "weak");

        Assert.Equal(1, transformed.Gap);
        Assert.Equal([0, 1], Labels(transformed.Labeling));
        Assert.Equal(0, transformed.ContrastWithoutGap);
        Assert.Equal(0.5, transformed.Contrast);
    }

    [Fact]
    public void No_other_gap_has_labels_that_differ_more() => s_rows.Sample(rows =>
    {
        TransformedLabels chosen = HybridLabelRules.Transformed(rows, "strong", "weak");

        Assert.Equal(PaperContrast(rows, chosen.Gap), chosen.Contrast, 12);
        Assert.Equal(PaperContrast(rows, 0), chosen.ContrastWithoutGap, 12);
        for (double gap = 0; gap < 11; gap += 0.25)
        {
            Assert.True(PaperContrast(rows, gap) <= chosen.Contrast + 1e-12, $"A gap of {gap} is better than {chosen.Gap}.");
            Assert.True(gap >= chosen.Gap || PaperContrast(rows, gap) < chosen.Contrast - 1e-12, $"The smaller gap {gap} is as good as {chosen.Gap}.");
        }
    });

    [Fact]
    public void Thousands_of_different_gaps_are_thinned_and_the_best_is_nearly_found()
    {
        var random = new Random(1);
        SampledRow[] rows = [.. Enumerable.Range(0, 400).Select(i => Row([.. Enumerable.Range(0, 3).Select(_ => 1 + random.NextDouble())], [.. Enumerable.Range(0, 3).Select(_ => random.NextDouble())]))];

        TransformedLabels chosen = HybridLabelRules.Transformed(rows, "strong", "weak");

        double best = Enumerable.Range(0, 201).Max(i => HybridLabelRules.Transformed(rows, "strong", "weak", i / 100.0).Contrast);
        Assert.InRange(chosen.Contrast, best - 0.005, best + 0.005);
        Assert.InRange(chosen.Gap, 0.8, 1.2);
    }

    [Fact]
    public void A_given_gap_is_used_and_a_senseless_one_refused()
    {
        Assert.Equal([0], Labels(HybridLabelRules.Transformed([Row([3], [1])], "strong", "weak", 2).Labeling));
        Assert.Equal([1], Labels(HybridLabelRules.Transformed([Row([3], [1])], "strong", "weak", 1.5).Labeling));
        Assert.Throws<ArgumentOutOfRangeException>(() => HybridLabelRules.Transformed([], "strong", "weak", -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => HybridLabelRules.Transformed([], "strong", "weak", double.NaN));
    }

    [Fact]
    public void Rows_without_qualities_are_counted()
    {
        SampledRow[] rows = [Row([1], []), Row([], [1]), Row([double.NaN], [double.NaN]), Row([double.NaN, 1], [0])];

        LabelingResult result = HybridLabelRules.Probabilistic(rows, "strong", "weak");

        Assert.Equal([1], Labels(result));
        Assert.Equal([1, 1, 1], [result.Dropped[LabelDropReason.NoWeakScore], result.Dropped[LabelDropReason.NoStrongScore], result.Dropped[LabelDropReason.NoScores]]);
        Assert.Empty(HybridLabelRules.Transformed([], "strong", "weak").Labeling.Labels);
    }

    [Fact]
    public void Rows_are_read_with_their_samples()
    {
        const string Lines =
            """
            {"id":"a","source":"s","split":"train","prompt":"p","scores":{"strong":0.5,"other":1},"samples":{"strong":[1,0],"weak":[]}}

            {"id":"b","source":"s","split":"train","prompt":"q","scores":{"strong":0.25}}
            """;

        SampledRow[] rows = [.. SampledRowReader.Read(new StringReader(Lines), "rows.jsonl")];

        Assert.Equal(["a", "b"], rows.Select(row => row.Row.Id));
        Assert.Equal([1, 0], rows[0].Samples["strong"]);
        Assert.Empty(rows[0].Samples["weak"]);
        Assert.Equal([1], rows[0].Samples["other"]);
        Assert.Equal([0.25], rows[1].Samples["strong"]);
    }

    [Theory]
    [InlineData("""{"id":"a","source":"s","split":"train","prompt":"p","samples":[1]}""", "samples")]
    [InlineData("""{"id":"a","source":"s","split":"train","prompt":"p","samples":{"m":[1,"2"]}}""", "samples.m")]
    [InlineData("""{"id":"a","source":"s","split":"train"}""", "prompt")]
    [InlineData("{", "")]
    public void A_line_that_is_no_row_is_named(string line, string named)
    {
        EvaluationDataException error = Assert.Throws<EvaluationDataException>(() => SampledRowReader.Read(new StringReader("\n" + line), "rows.jsonl").ToList());

        Assert.Equal(2, error.Line);
        Assert.StartsWith("rows.jsonl, line 2", error.Message);
        Assert.DoesNotContain("line 1", error.Message);
        Assert.Contains(named, error.Message);
    }

    private static double[] Labels(LabelingResult result) => [.. result.Labels.Select(label => label.Label)];

    /// <summary>P(q(small) >= q(large) - t), as the paper has it.</summary>
    private static double PaperLabel(SampledRow row, double gap) =>
        row.Samples["weak"].SelectMany(weak => row.Samples["strong"].Select(strong => weak >= strong - gap ? 1.0 : 0)).Average();

    private static double PaperContrast(SampledRow[] rows, double gap)
    {
        double[] labels = [.. rows.Select(row => PaperLabel(row, gap))];
        return labels.SelectMany(a => labels.Select(b => Math.Abs(a - b))).Average();
    }

    private static SampledRow Row(double[] strong, double[] weak)
    {
        var scores = new Dictionary<string, double>();
        if (strong.Length > 0)
        {
            scores["strong"] = strong.Average();
        }

        if (weak.Length > 0)
        {
            scores["weak"] = weak.Average();
        }

        return new(
            new EvaluationRow { Id = "id", Source = "s", Split = "train", Prompt = "prompt", Scores = scores },
            new Dictionary<string, IReadOnlyList<double>> { ["strong"] = strong, ["weak"] = weak });
    }
}
