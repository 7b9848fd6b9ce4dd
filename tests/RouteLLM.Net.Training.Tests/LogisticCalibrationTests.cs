namespace RouteLLM.Training.Tests;

public class LogisticCalibrationTests
{
    [Fact]
    public void A_planted_slope_and_intercept_are_recovered()
    {
        double[] logits = [.. Enumerable.Range(0, 1000).Select(static i => (i / 100.0) - 5)];
        (double Probability, double Weight)[] targets = [.. logits.Select(static l => (1 / (1 + Math.Exp(-((0.7 * l) - 1.2))), 1.0))];
        LogisticCalibration calibration = LogisticCalibration.Fit(logits, targets);
        Assert.Equal(0.7, calibration.Slope, 3);
        Assert.Equal(-1.2, calibration.Intercept, 3);
    }

    [Fact]
    public void The_order_is_never_turned_round()
    {
        LogisticCalibration calibration = LogisticCalibration.Fit([-1, 0, 1], [(0.9, 1), (0.5, 1), (0.1, 1)]);
        Assert.True(calibration.Slope > 0);
    }

    [Fact]
    public void Logits_that_are_far_off_and_hardly_differ_do_not_make_it_diverge()
    {
        double[] logits = [.. Enumerable.Range(0, 20).Select(static i => -12 + (i / 1000.0))];
        (double Probability, double Weight)[] targets = [.. logits.Select(static (_, i) => (i < 7 ? 0.0 : 1.0, 1.0))];
        LogisticCalibration calibration = LogisticCalibration.Fit(logits, targets);
        Assert.InRange(Math.Abs(calibration.Slope), 0, 200);
        Assert.Equal(targets.Average(static target => target.Probability), logits.Average(calibration.Apply), 0.02);
    }
}
