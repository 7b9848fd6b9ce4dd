using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Tests.Policies;

/// <summary>How several thresholds choose among more than two routes.</summary>
public class LadderPolicyTests
{
    private readonly ModelRoute[] _routes = [.. new[] { "big", "mid", "small" }.Select(name => new ModelRoute(name, TestChatClient.Answering(name)))];

    [Theory]
    [InlineData("0.9", "big mid small", 0.8)]
    [InlineData("0.8", "big mid small", 0.8)]
    [InlineData("0.5", "mid big small", 0.4)]
    [InlineData("0.4", "mid big small", 0.4)]
    [InlineData("0.1", "small mid big", 0.4)]
    public async Task The_first_route_whose_threshold_is_reached_comes_first_and_stronger_ones_before_weaker_ones(string prompt, string order, double threshold)
    {
        RouteDecision decision = await Ladder().DecideAsync(new(prompt), TestContext.Current.CancellationToken);

        Assert.Equal(order, Names(decision));
        Assert.Equal(threshold, decision.Threshold);
        Assert.Equal(RouteReasons.Threshold, decision.Reason);
    }

    [Fact]
    public void With_two_routes_it_decides_as_a_threshold_does() =>
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[-1, 1]).Sample((score, threshold, shift) =>
        {
            var router = new FakeRouter(score);
            RouteRequest request = new RouteRequest("x").Adjust(thresholdShift: shift);
            RouteDecision ladder = new LadderPolicy(_routes[..2], [threshold], router).DecideAsync(request).AsTask().Result;
            RouteDecision plain = new ThresholdPolicy(_routes[0], _routes[1], router, new() { Threshold = threshold }).DecideAsync(request).AsTask().Result;

            return Names(ladder) == Names(plain) && ladder.Threshold == plain.Threshold && ladder.WinProbability == plain.WinProbability;
        });

    [Fact]
    public async Task Shares_become_thresholds_by_the_routers_own_quantiles()
    {
        var quantiles = new ScoreQuantiles([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
        var router = new FakeRouter((_, _) => new(0.5), quantiles);

        LadderPolicy policy = LadderPolicy.FromShares(_routes, [0.2, 0.3, 0.5], router);

        Assert.Equal([quantiles.ThresholdForStrongShare(0.2), quantiles.ThresholdForStrongShare(0.5)], policy.Thresholds);
        Assert.Equal("mid big small", Names(await policy.DecideAsync(new("x"), TestContext.Current.CancellationToken)));
        Assert.Contains("add up to 1", Assert.Throws<ArgumentException>(() => LadderPolicy.FromShares(_routes, [0.2, 0.3, 0.6], router)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0, "big mid small")]
    [InlineData(0.45, "big mid small")]
    [InlineData(1.0, "mid big small")]
    public async Task A_threshold_of_the_requests_own_is_the_strongest_routes(double threshold, string order)
    {
        RouteRequest request = new RouteRequest("0.5").Adjust(new RouteOverrides(Threshold: threshold));

        Assert.Equal(order, Names(await Ladder().DecideAsync(request, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_shift_moves_all_thresholds()
    {
        Assert.Equal("small mid big", Names(await Ladder().DecideAsync(new RouteRequest("0.5").Adjust(thresholdShift: 0.2), TestContext.Current.CancellationToken)));
        Assert.Equal("big mid small", Names(await Ladder().DecideAsync(new RouteRequest("0.5").Adjust(thresholdShift: -0.3), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task A_router_that_fails_or_is_late_leaves_the_fallback()
    {
        var clock = new FakeTimeProvider();
        var failing = new LadderPolicy(_routes, [0.8, 0.4], new FakeRouter((_, _) => throw new IOException()), new() { Fallback = RouterFallback.Weak });
        var late = new LadderPolicy(_routes, [0.8, 0.4], new FakeRouter(async (_, token) => { await Task.Delay(Timeout.Infinite, token); return 0; }), timeProvider: clock);

        RouteDecision failed = await failing.DecideAsync(new("x"), TestContext.Current.CancellationToken);
        Task<RouteDecision> waiting = late.DecideAsync(new("x"), TestContext.Current.CancellationToken).AsTask();
        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(("small mid big", RouteReasons.RouterFailed), (Names(failed), failed.Reason));
        Assert.IsType<IOException>(failed.RouterError);
        Assert.Equal(RouteReasons.RouterTimedOut, (await waiting).Reason);
        Assert.Equal(RouteReasons.NoText, (await failing.DecideAsync(new(" "), TestContext.Current.CancellationToken)).Reason);
    }

    [Fact]
    public void What_is_no_ladder_is_refused_with_what_to_change()
    {
        Assert.Contains("3 routes need 2 thresholds", Refuse([0.5]), StringComparison.Ordinal);
        Assert.Contains("'mid' is 0.9", Refuse([0.8, 0.9]), StringComparison.Ordinal);
        Assert.Contains("'big' is NaN", Refuse([double.NaN, 0.9]), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new LadderPolicy(_routes[..1], [], new FakeRouter(0)));
        Assert.Throws<ArgumentException>(() => new LadderPolicy(_routes, [0.5, 0.4], new FakeRouter(0), new() { Timeout = TimeSpan.Zero }));

        string Refuse(double[] thresholds) => Assert.Throws<ArgumentException>(() => new LadderPolicy(_routes, thresholds, new FakeRouter(0))).Message;
    }

    private LadderPolicy Ladder() => new(_routes, [0.8, 0.4], FakeRouter.ReadingPrompts());

    private static string Names(RouteDecision decision) => string.Join(" ", decision.Routes.Select(route => route.Name));
}
