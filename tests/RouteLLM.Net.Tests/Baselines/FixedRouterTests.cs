using CsCheck;

namespace RouteLLM.Tests.Baselines;

public class FixedRouterTests
{
    private static readonly double[] s_thresholds = [double.Epsilon, 0.11593, 0.5, 1];

    [Fact]
    public async Task It_gives_its_score_whatever_the_prompt() =>
        await Gen.Select(Gen.Double[0, 1], Gen.String).SampleAsync(async (score, prompt) =>
            Assert.Equal(score, await new FixedRouter(score).ScoreAsync(prompt)));

    [Fact]
    public async Task Always_strong_reaches_every_threshold_and_always_weak_none_above_zero()
    {
        double strong = await FixedRouter.AlwaysStrong.ScoreAsync("hi");
        double weak = await FixedRouter.AlwaysWeak.ScoreAsync("Prove it.");
        Assert.All(s_thresholds, threshold => Assert.True(strong >= threshold));
        Assert.All(s_thresholds, threshold => Assert.False(weak >= threshold));
        Assert.True(weak >= 0);
    }

    [Theory]
    [InlineData(0, 0.3, false)]
    [InlineData(1, 0.3, true)]
    [InlineData(0.2, 0.3, true)]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, false)]
    [InlineData(0, 1, true)]
    [InlineData(1, 1, true)]
    public async Task A_strong_share_sends_all_or_nothing_and_always_weak_stays_weak(double score, double share, bool strong)
    {
        var router = new FixedRouter(score);
        double threshold = router.GetService<ScoreQuantiles>()!.ThresholdForStrongShare(share);
        Assert.Equal(strong, await router.ScoreAsync("anything") >= threshold);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.0001)]
    [InlineData(1.0001)]
    [InlineData(double.PositiveInfinity)]
    public void A_score_that_is_no_probability_is_refused_and_named(double score)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new FixedRouter(score));
        Assert.Equal(score, exception.ActualValue);
        Assert.Equal("winProbability", exception.ParamName);
        Assert.Contains("[0, 1]", exception.Message, StringComparison.Ordinal);
    }
}
