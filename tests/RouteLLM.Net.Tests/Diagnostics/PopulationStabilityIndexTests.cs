using CsCheck;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

public class PopulationStabilityIndexTests
{
    // By hand: (.4 - .5) ln(.4/.5) + (.6 - .5) ln(.6/.5) = .1 (.22314 + .18232); (.1 - .2) ln .5 + (.5 - .5) 0 + (.4 - .3) ln(4/3) = .06931 + .02877;
    // with a category nobody is in: (.0001 - .5) ln .0002 + (1 - .5) ln 2.
    [Theory]
    [InlineData(new[] { 0.5, 0.5 }, new[] { 0.4, 0.6 }, 0.0405465)]
    [InlineData(new[] { 20.0, 50, 30 }, new[] { 1.0, 5, 4 }, 0.0980829)]
    [InlineData(new[] { 1.0, 1 }, new[] { 0.0, 7 }, 4.6043184)]
    [InlineData(new[] { 3.0 }, new[] { 5.0 }, 0)]
    public void It_is_what_is_worked_out_by_hand(double[] expected, double[] actual, double index) =>
        Assert.Equal(index, PopulationStabilityIndex.Compute(expected, actual), 1e-6);

    [Fact]
    public void It_is_symmetric_not_negative_and_zero_for_the_same_mix() => Gen.Select(Gen.Double[0.01, 9].Array[6], Gen.Double[0.01, 9].Array[6]).Sample((a, b) =>
    {
        double index = PopulationStabilityIndex.Compute(a, b);
        return index >= 0 && Math.Abs(index - PopulationStabilityIndex.Compute(b, a)) < 1e-9 && PopulationStabilityIndex.Compute(a, [.. a.Select(static x => 3 * x)]) < 1e-12;
    });

    // The 95% quantiles of the chi-square distribution: 5.991 for 2 degrees of freedom, 19.675 for 11.
    [Theory]
    [InlineData(3, 100, 100, 2 * 5.991 / 100)]
    [InlineData(12, 2000, 1000, 1.5 * 19.675 / 1000)]
    [InlineData(1, 10, 10, 0)]
    public void The_sampling_limit_is_a_quantile_of_chi_square(int categories, long expectedCount, long actualCount, double limit) =>
        Assert.Equal(limit, PopulationStabilityIndex.SamplingLimit(categories, expectedCount, actualCount), 0.01 * limit);

    [Theory]
    [InlineData(new[] { 1.0, 2 }, new[] { 1.0 })]
    [InlineData(new double[0], new double[0])]
    [InlineData(new[] { 0.0, 0 }, new[] { 1.0, 1 })]
    [InlineData(new[] { 1.0, 1 }, new[] { -1.0, 2 })]
    [InlineData(new[] { double.NaN, 1 }, new[] { 1.0, 1 })]
    [InlineData(new[] { double.PositiveInfinity, 1 }, new[] { 1.0, 1 })]
    public void What_are_no_shares_is_refused(double[] expected, double[] actual) => Assert.Throws<ArgumentException>(() => PopulationStabilityIndex.Compute(expected, actual));
}
