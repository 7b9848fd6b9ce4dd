using CsCheck;

namespace RouteLLM.Evaluation.Tests;

public class MetricsTests
{
    private static readonly Gen<(double P, double Strong, double Weak)[]> s_prompts =
        Gen.Select(Gen.Int[0, 5].Select(static i => i / 5.0), Gen.Int[0, 1].Select(static i => (double)i), Gen.Int[0, 1].Select(static i => (double)i)).Array[1, 12];

    [Fact]
    public void A_router_that_knows_reaches_more_than_one()
    {
        // Strong right on the first two, weak right on the second two.
        CostQualityCurve curve = CostQualityCurve.Create([0.9, 0.8, 0.2, 0.1], [1, 1, 1, 0], [0, 0, 1, 1]);
        Assert.Equal((0.5, 0.75), (curve.WeakQuality, curve.StrongQuality));
        Assert.Equal([(0, 0.5), (0.25, 0.75), (0.5, 1), (0.75, 1), (1, 0.75)], curve.Points);

        // Trapezoids .625/4 + .875/4 + 1/4 + .875/4 = .84375.
        Assert.Equal((0.84375 - 0.5) / 0.25, curve.Apgr, 12);
        Assert.Equal(0.125, curve.StrongShareFor(0.5), 12);
        Assert.Equal(0.25, curve.StrongShareFor(1), 12);
        Assert.True(double.IsNaN(curve.StrongShareFor(2.5)));
        Assert.Equal(0, curve.StrongShareFor(0));
    }

    [Fact]
    public void A_router_that_cannot_tell_prompts_apart_has_one_half() =>
        Assert.Equal(0.5, CostQualityCurve.Create([0.3, 0.3, 0.3, 0.3], [1, 1, 1, 0], [0, 0, 1, 0]).Apgr, 12);

    [Fact]
    public void Ties_count_as_the_mean_over_all_orders() => s_prompts.Where(static p => p.Sum(static q => q.Strong - q.Weak) != 0).Sample(static prompts =>
    {
        // Break the ties at random many times and compare the mean.
        var random = new Random(1);
        double[] strong = [.. prompts.Select(static p => p.Strong)];
        double[] weak = [.. prompts.Select(static p => p.Weak)];
        double mean = Enumerable.Range(0, 3000).Average(_ => CostQualityCurve.Create([.. prompts.Select(p => p.P + (random.NextDouble() / 100))], strong, weak).Apgr);
        double apgr = CostQualityCurve.Create([.. prompts.Select(static p => p.P)], strong, weak).Apgr;
        Assert.InRange(apgr - mean, -0.35, 0.35);
    }, iter: 30);

    [Fact]
    public void The_curve_does_not_depend_on_the_order_of_prompts() => s_prompts.Sample(static prompts =>
    {
        CostQualityCurve Curve(IEnumerable<(double P, double Strong, double Weak)> p) => CostQualityCurve.Create([.. p.Select(static q => q.P)], [.. p.Select(static q => q.Strong)], [.. p.Select(static q => q.Weak)]);
        Assert.Equal(Curve(prompts).Points, Curve(prompts.Reverse()).Points);
    });

    [Fact]
    public void A_curve_needs_matching_scores_and_no_NaN()
    {
        Assert.Throws<ArgumentException>(static () => CostQualityCurve.Create([], [], []));
        Assert.Throws<ArgumentException>(static () => CostQualityCurve.Create([0.5], [1, 1], [0]));
        Assert.Throws<ArgumentException>(static () => CostQualityCurve.Create([double.NaN], [1], [0]));
        Assert.Throws<ArgumentException>(static () => CostQualityCurve.Create([0.5], [double.NaN], [0]));
        Assert.Throws<ArgumentException>(static () => CostQualityCurve.Create([0.5], [1], [double.PositiveInfinity]));
        Assert.Throws<ArgumentException>(static () => CostQualityCurve.Create([0.5], [1], [0], [1], []));
        Assert.Throws<ArgumentOutOfRangeException>(static () => CostQualityCurve.Create([0.5], [1], [0]).QualityAt(1.1));
    }

    [Fact]
    public void Equal_values_share_their_ranks() => Assert.Equal([4.0, 1.5, 3, 1.5], RankCorrelation.MidRanks([9, 1, 5, 1]));

    [Fact]
    public void Spearman_is_that_of_the_textbooks()
    {
        Assert.Equal(1, RankCorrelation.Spearman([1, 2, 3, 4], [1, 10, 100, 1000]), 12);
        Assert.Equal(-1, RankCorrelation.Spearman([1, 2, 3, 4], [4, 3, 2, 1]), 12);

        // 1 - 6 sum d^2 / (n (n^2 - 1)) holds without ties: IQ and hours of television, the usual example.
        double[] iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
        double[] hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
        Assert.Equal(-29.0 / 165, RankCorrelation.Spearman(iq, hours), 12);

        // With ties: Pearson on ranks 1.5, 1.5, 3 against 1, 2, 3.
        Assert.Equal(Math.Sqrt(0.75), RankCorrelation.Spearman([1, 1, 2], [1, 2, 3]), 12);
        Assert.True(double.IsNaN(RankCorrelation.Spearman([1, 1], [1, 2])));
        Assert.Throws<ArgumentException>(static () => RankCorrelation.Spearman([1], [1, 2]));
    }

    [Fact]
    public void Calibration_error_is_the_mean_distance_over_bins()
    {
        Assert.Equal(0, CalibrationError.Expected([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0]), 12);
        Assert.Equal((0.2 * 2 / 3) + (0.1 / 3), CalibrationError.Expected([0.2, 0.2, 0.9], [0, 0, 1]), 12);
        Assert.Equal(0, CalibrationError.Expected([1.0], [1]), 12);
        Assert.Throws<ArgumentException>(static () => CalibrationError.Expected([1.5], [1]));
        Assert.Throws<ArgumentException>(static () => CalibrationError.Expected([0.5], [1, 0]));
    }

    [Fact]
    public void The_bins_of_a_reliability_diagram_hold_every_prediction_once()
    {
        IReadOnlyList<CalibrationBin> bins = CalibrationError.Bins([0, 0.05, 0.5, 1], [0, 1, 1, 1], 4);
        Assert.Equal([2, 0, 1, 1], bins.Select(static bin => bin.Count));
        Assert.Equal((0.025, 0.5), (bins[0].MeanPrediction, bins[0].MeanOutcome));
        Assert.True(double.IsNaN(bins[1].MeanPrediction));
        Assert.Throws<ArgumentException>(static () => CalibrationError.Bins([0.5], [2]));
    }

    [Fact]
    public void The_sweep_is_that_of_trying_every_threshold() => s_prompts.Sample(static prompts =>
    {
        CostQualityCurve curve = CostQualityCurve.Create(
            [.. prompts.Select(static p => p.P)], [.. prompts.Select(static p => p.Strong)], [.. prompts.Select(static p => p.Weak)],
            [.. prompts.Select(static p => p.Strong + 2)], [.. prompts.Select(static _ => 1.0)]);
        double[] thresholds = [double.PositiveInfinity, .. prompts.Select(static p => p.P).Distinct().OrderDescending()];
        Assert.Equal(thresholds, curve.Thresholds);
        double area = 0;
        for (int i = 0; i < thresholds.Length; i++)
        {
            (double StrongShare, double Quality) expected = (
                prompts.Average(p => p.P >= thresholds[i] ? 1.0 : 0), prompts.Average(p => p.P >= thresholds[i] ? p.Strong : p.Weak));
            Assert.Equal(expected.StrongShare, curve.Points[i].StrongShare, 12);
            Assert.Equal(expected.Quality, curve.Points[i].Quality, 12);
            Assert.Equal(prompts.Average(p => p.P >= thresholds[i] ? p.Strong + 2 : 1.0), curve.Costs![i], 12);
            area += i == 0 ? 0 : (curve.Points[i].StrongShare - curve.Points[i - 1].StrongShare) * (curve.Points[i].Quality + curve.Points[i - 1].Quality) / 2;
        }

        Assert.Equal(area, curve.Auc, 12);
        double gap = curve.StrongQuality - curve.WeakQuality;
        Assert.Equal(Math.Abs(gap) < 1e-9 ? double.NaN : (area - curve.WeakQuality) / gap, curve.Apgr, 1e-9);
        foreach (double part in new[] { 0.2, 0.5, 0.8, 1 })
        {
            // Good enough there, and at no corner before it; with no gap nothing is to be recovered.
            double share = curve.StrongShareFor(part), wanted = curve.WeakQuality + (part * gap);
            Assert.True(gap > 1e-9 ? Math.Abs(curve.QualityAt(share) - wanted) < 1e-9 || (share == 0 && curve.WeakQuality >= wanted) : share == 0);
            Assert.All(curve.Points.Where(point => point.StrongShare < share - 1e-9), point => Assert.True(point.Quality < wanted - 1e-9));
            Assert.True(gap < 1e-9 || Math.Abs(curve.PerformanceGapRecoveredAt(share) - part) < 1e-9);
        }
    }, iter: 200);

    [Fact]
    public void Models_that_are_equally_good_leave_no_gap_to_recover()
    {
        // Summed in another order the means would differ in the last digit.
        CostQualityCurve curve = CostQualityCurve.Create([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], [0.3, 0.1, 0.2]);
        Assert.True(double.IsNaN(curve.Apgr));
        Assert.Equal(0, curve.StrongShareFor(0.5));
        Assert.True(double.IsNaN(curve.PerformanceGapRecoveredAt(0.5)));
    }

    [Fact]
    public void A_strong_model_that_is_worse_has_nothing_to_recover()
    {
        CostQualityCurve curve = CostQualityCurve.Create([0.9, 0.1], [0, 0], [1, 0]);
        Assert.Equal(0, curve.StrongShareFor(0.8));
        Assert.Equal(0.75, curve.Apgr, 12);
    }

    [Fact]
    public void One_prompt_makes_a_straight_line()
    {
        CostQualityCurve curve = CostQualityCurve.Create([0.7], [1], [0]);
        Assert.Equal((0.5, 0.8), (curve.Apgr, curve.StrongShareFor(0.8)));
        Assert.Equal(0.25, curve.QualityAt(0.25));
    }
}
