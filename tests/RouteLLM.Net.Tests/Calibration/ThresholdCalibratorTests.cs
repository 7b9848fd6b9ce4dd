using CsCheck;

namespace RouteLLM.Tests.Calibration;

public class ThresholdCalibratorTests
{
    [Fact]
    public void The_threshold_for_a_cost_is_the_least_that_is_cheap_enough() =>
        Gen.Select(Gen.Int[0, 9].Select(static score => score / 10.0), Gen.Double[0, 3], Gen.Double[0, 2]).Array[1, 40].Select(Gen.Double[0, 3]).Sample((rows, budget) =>
        {
            double[] scores = [.. rows.Select(static row => row.Item1)];
            double[] strong = [.. rows.Select(static row => row.Item2)], weak = [.. rows.Select(static row => row.Item3)];
            double Cost(double threshold) => rows.Average(row => row.Item1 >= threshold ? row.Item2 : row.Item3);

            // A cost within rounding of the budget may be taken for either side of it.
            bool IsEnough(double threshold, double slack) => Cost(threshold) <= budget + slack;
            double[] candidates = [0, .. scores.Where(static score => score > 0).Distinct().Order(), double.PositiveInfinity];
            if (ThresholdCalibrator.ForCost(scores, strong, weak, budget) is { } found)
            {
                Assert.True(IsEnough(found, 1e-9));
                Assert.DoesNotContain(candidates.TakeWhile(threshold => threshold < found), threshold => IsEnough(threshold, -1e-9));
            }
            else
            {
                Assert.DoesNotContain(candidates, threshold => IsEnough(threshold, -1e-9));
            }
        });

    [Fact]
    public void A_budget_that_is_met_exactly_is_met()
    {
        double[] scores = [.. Enumerable.Range(0, 1000).Select(static i => (i + 0.5) / 1000)];
        double[] strong = [.. Enumerable.Repeat(0.01, 1000)], weak = [.. Enumerable.Repeat(0.001, 1000)];
        double threshold = ThresholdCalibrator.ForCost(scores, strong, weak, (0.3 * 0.01) + (0.7 * 0.001))!.Value;
        Assert.Equal(300, scores.Count(score => score >= threshold));
        Assert.Equal(0, ThresholdCalibrator.ForCost(scores, strong, weak, 0.01));
        Assert.Equal(double.PositiveInfinity, ThresholdCalibrator.ForCost(scores, strong, weak, 0.001));
        Assert.Null(ThresholdCalibrator.ForCost(scores, strong, weak, 0.0009));
    }

    [Fact]
    public void Wrong_costs_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForCost([], [], [], 1));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForCost([0.5], [double.NaN], [1], 1));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForCost([0.5], [double.PositiveInfinity], [1], 1));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForCost([0.5], [1], [-1], 1));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForCost([0.5], [1], [1], double.NaN));
    }

    [Fact]
    public void Groups_that_differ_get_thresholds_of_their_own_and_small_ones_stay_near_the_common_one()
    {
        var random = new Random(5);
        List<(double Score, string? Group)> rows =
        [
            .. Enumerable.Range(0, 2000).Select(_ => (0.5 * random.NextDouble(), (string?)"easy")),
            .. Enumerable.Range(0, 2000).Select(_ => (0.5 + (0.5 * random.NextDouble()), (string?)"hard")),
            .. Enumerable.Range(0, 1000).Select(_ => (random.NextDouble(), (string?)"mixed")),
            .. Enumerable.Range(0, 3).Select(static _ => (0.99, (string?)"new")),
            .. Enumerable.Range(0, 500).Select(_ => (random.NextDouble(), (string?)null)),
        ];
        double[] scores = [.. rows.Select(static row => row.Score)];
        double common = ThresholdCalibrator.ForStrongShare(scores, 0.3);
        IReadOnlyDictionary<string, GroupThreshold> groups = ThresholdCalibrator.ForGroups(scores, [.. rows.Select(static row => row.Group)], 0.3, common);

        Assert.Equal(["easy", "hard", "mixed", "new"], groups.Keys.Order());
        foreach (string group in new[] { "easy", "hard", "mixed" })
        {
            double threshold = groups[group].Threshold;
            Assert.InRange(rows.Count(row => row.Group == group && row.Score >= threshold) / (double)groups[group].Rows, 0.27, 0.33);
        }

        Assert.Equal((3, 0.99), (groups["new"].Rows, groups["new"].OwnThreshold));
        Assert.InRange(groups["new"].OwnWeight, 0.05, 0.2);
        Assert.InRange(groups["new"].Threshold, common, common + (0.2 * (0.99 - common)));
    }

    [Fact]
    public void Groups_that_differ_by_chance_have_nearly_the_common_threshold()
    {
        // Shrinkage pays: over many draws the thresholds used are nearer to the true quantile, .7, than those of the groups' own rows.
        double ownError = 0, usedError = 0;
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            double[] scores = [.. Enumerable.Range(0, 2000).Select(_ => random.NextDouble())];
            string[] groups = [.. Enumerable.Range(0, 2000).Select(static i => $"g{i % 20}")];
            foreach (GroupThreshold group in ThresholdCalibrator.ForGroups(scores, groups, 0.3, ThresholdCalibrator.ForStrongShare(scores, 0.3)).Values)
            {
                ownError += Math.Pow(group.OwnThreshold - 0.7, 2);
                usedError += Math.Pow(group.Threshold - 0.7, 2);
            }
        }

        Assert.True(usedError < 0.3 * ownError, $"{usedError} against {ownError}");
    }

    [Fact]
    public void Degenerate_groups_have_an_answer()
    {
        double[] scores = [.. Enumerable.Range(0, 60).Select(static i => i / 59.0)];
        string[] one = [.. Enumerable.Repeat("only", 60)], two = [.. Enumerable.Range(0, 60).Select(static i => i < 30 ? "a" : "b")];
        Assert.Equal(0.6, ThresholdCalibrator.ForGroups(scores, one, 0.3, 0.6)["only"].Threshold);
        Assert.All(ThresholdCalibrator.ForGroups([.. Enumerable.Repeat(0.4, 60)], two, 0.3, 0.4).Values, static group => Assert.Equal(0.4, group.Threshold));
        Assert.All(ThresholdCalibrator.ForGroups(scores, two, 0, double.PositiveInfinity).Values, static group => Assert.Equal(double.PositiveInfinity, group.Threshold));

        // Groups that lie apart count as much as any may: n / (n + 20).
        Assert.All(ThresholdCalibrator.ForGroups(scores, two, 0.3, 0.6).Values, static group =>
        {
            Assert.Equal(0.6, group.OwnWeight, 12);
            Assert.Equal((0.6 * group.OwnThreshold) + (0.4 * 0.6), group.Threshold, 12);
        });
        Assert.Empty(ThresholdCalibrator.ForGroups([0.5], new string?[] { null }, 0.3, 0.4));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForGroups([0.5], [], 0.3, 0.4));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdCalibrator.ForGroups([0.5], ["a"], 3, 0.4));
    }
}
