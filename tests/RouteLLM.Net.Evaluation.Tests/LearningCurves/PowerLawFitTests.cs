using CsCheck;

namespace RouteLLM.Evaluation.Tests;

public class PowerLawFitTests
{
    private static readonly double[] s_sizes = [25, 50, 100, 200, 400, 800];

    [Fact]
    public void Planted_parameters_are_recovered() =>
        Gen.Select(Gen.Double[0.5, 1], Gen.Double[0.2, 2], Gen.Double[0.1, 2]).Sample(
            (limit, scale, rate) =>
            {
                var planted = new PowerLawFit(limit, scale, rate);
                var fit = PowerLawFit.Fit(s_sizes, [.. s_sizes.Select(planted.Predict)]);
                Assert.Equal(limit, fit.Limit, 1e-3);
                Assert.Equal(rate, fit.Rate, 0.02);
                Assert.Equal(planted.Predict(1600), fit.Predict(1600), 1e-4);
            },
            iter: 200);

    [Fact]
    public void With_noise_the_parameters_are_near()
    {
        var planted = new PowerLawFit(0.8, 1.5, 0.6);
        var random = new Random(7);
        double[] qualities = [.. s_sizes.Select(size => planted.Predict(size) + (0.004 * (random.NextDouble() - 0.5)))];
        var fit = PowerLawFit.Fit(s_sizes, qualities);
        Assert.Equal(0.8, fit.Limit, 0.02);
        Assert.Equal(0.6, fit.Rate, 0.15);
    }

    [Fact]
    public void The_bounds_hold_whatever_the_qualities() =>
        Gen.Double[-1, 1].Array[1, 8].Sample(
            qualities =>
            {
                double[] sizes = [.. qualities.Select((_, i) => 25 * Math.Pow(2, i))];
                var fit = PowerLawFit.Fit(sizes, qualities);
                Assert.InRange(fit.Rate, 0.01, 2);
                Assert.InRange(fit.Scale, 0, double.MaxValue);
                Assert.InRange(fit.Limit, -1, 1);
                Assert.True(double.IsFinite(fit.Predict(1e6)));
            },
            iter: 500);

    [Theory]
    [InlineData(new double[] { 0.7, 0.7, 0.7, 0.7 }, 0.7)]
    [InlineData(new double[] { 0.8, 0.7, 0.6, 0.5 }, 0.65)]
    public void A_curve_that_is_level_or_falls_is_fitted_by_its_mean(double[] qualities, double limit)
    {
        var fit = PowerLawFit.Fit(s_sizes.AsSpan(0, 4), qualities);
        Assert.True(fit.IsFlat);
        Assert.Equal(limit, fit.Limit, 6);
        Assert.Equal(fit.Predict(25), fit.Predict(250));
    }

    [Fact]
    public void One_point_is_level_and_two_take_the_usual_rate()
    {
        Assert.True(PowerLawFit.Fit([100], [0.6]).IsFlat);
        var fit = PowerLawFit.Fit([25, 100], [0.5, 0.6]);
        Assert.Equal(0.5, fit.Rate);
        Assert.Equal(0.6, fit.Predict(100), 9);
        Assert.Equal(0.7, fit.Limit, 9);
    }

    [Fact]
    public void The_limit_stays_below_what_is_given()
    {
        double[] rising = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
        Assert.InRange(PowerLawFit.Fit(s_sizes, rising, highestQuality: 0.7).Limit, 0.6, 0.7);
        Assert.Equal(-0.2, PowerLawFit.Fit(s_sizes, [.. s_sizes.Select(size => -0.2 - (1 / size))], highestQuality: 0).Limit, 3);
    }

    [Fact]
    public void Weights_say_which_points_to_believe()
    {
        double[] qualities = [0.5, 0.6, 0.1];
        Assert.InRange(PowerLawFit.Fit([25, 50, 100], qualities, [1, 1, 1e-6]).Predict(50), 0.59, 0.61);
        Assert.True(PowerLawFit.Fit([25, 50, 100], qualities).IsFlat);
    }

    [Fact]
    public void The_number_of_labels_for_a_quality_is_the_inverse_of_the_prediction()
    {
        var fit = new PowerLawFit(0.8, 1, 0.5);
        Assert.Equal(100, fit.LabelsFor(fit.Predict(100)), 6);
        Assert.Equal(double.PositiveInfinity, fit.LabelsFor(0.8));
        Assert.Equal(1, fit.LabelsFor(-5));
    }

    [Theory]
    [InlineData(new double[] { }, new double[] { })]
    [InlineData(new double[] { 25, 50 }, new double[] { 0.5 })]
    [InlineData(new double[] { 0, 50 }, new double[] { 0.5, 0.6 })]
    [InlineData(new double[] { 25, 50 }, new[] { 0.5, double.NaN })]
    public void Points_that_cannot_be_fitted_are_refused(double[] labels, double[] qualities) => Assert.Throws<ArgumentException>(() => PowerLawFit.Fit(labels, qualities));
}
