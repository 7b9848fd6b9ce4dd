namespace RouteLLM.Tests.Baselines;

public class ScriptedRouterTests
{
    [Fact]
    public async Task It_gives_its_scores_in_order_and_then_throws()
    {
        var router = new ScriptedRouter(0.9, 0.1);
        Assert.Equal(0.9, await router.ScoreAsync("a"));
        Assert.Equal(0.1, await router.ScoreAsync("b"));
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await router.ScoreAsync("c"));
        Assert.Contains("2 steps and this is request 3", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c"], router.Requests.Select(static request => request.Prompt));
    }

    [Theory]
    [InlineData(ScriptEnd.RepeatLast, new[] { 0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3 })]
    [InlineData(ScriptEnd.Cycle, new[] { 0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.1 })]
    public async Task Its_last_score_repeats_or_the_script_cycles_on_demand(ScriptEnd end, double[] expected)
    {
        var router = new ScriptedRouter([0.1, 0.2, 0.3]) { AtEnd = end };
        Assert.Equal(expected, await router.PredictWinProbabilitiesAsync(Enumerable.Repeat("x", expected.Length), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Exceptions_in_the_script_are_thrown_in_their_turn()
    {
        var timeout = new TimeoutException();
        var router = new ScriptedRouter(0.5, timeout, new OperationCanceledException(), 1);
        Assert.Equal(0.5, await router.ScoreAsync("a"));
        Assert.Same(timeout, await Assert.ThrowsAsync<TimeoutException>(async () => await router.ScoreAsync("b")));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await router.ScoreAsync("c"));
        Assert.Equal(1, await router.ScoreAsync("d"));
        Assert.Equal(4, router.Requests.Count);
    }

    [Fact]
    public async Task Concurrent_requests_use_each_score_exactly_once()
    {
        const int Tasks = 64, Each = 200;
        double[] script = [.. Enumerable.Range(0, Tasks * Each).Select(static i => i / (double)(Tasks * Each))];
        var router = new ScriptedRouter(script);
        (RouteRequest Request, double Score)[][] seen = await Task.WhenAll(Enumerable.Range(0, Tasks).Select(_ => Task.Run(async () =>
        {
            var own = new (RouteRequest, double)[Each];
            for (int i = 0; i < Each; i++)
            {
                var request = new RouteRequest("x");
                own[i] = (request, await router.ScoreAsync(request));
            }

            return own;
        })));

        Dictionary<RouteRequest, double> scores = seen.SelectMany(static own => own).ToDictionary(static pair => pair.Request, static pair => pair.Score);
        Assert.Equal(script, router.Requests.Select(request => scores[request]));
    }

    [Fact]
    public async Task The_requests_are_a_copy_that_later_calls_leave_alone()
    {
        var router = new ScriptedRouter(0.5) { AtEnd = ScriptEnd.RepeatLast };
        IReadOnlyList<RouteRequest> before = router.Requests;
        await router.ScoreAsync("a");
        Assert.Empty(before);
        Assert.Single(router.Requests);
    }

    [Fact]
    public async Task A_cancelled_call_uses_no_score_and_is_not_recorded()
    {
        var router = new ScriptedRouter(0.5);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilityAsync("a", new CancellationToken(canceled: true)));
        Assert.Empty(router.Requests);
        Assert.Equal(0.5, await router.ScoreAsync("b"));
    }

    [Fact]
    public void Scripts_that_cannot_work_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => new ScriptedRouter(Array.Empty<double>()));
        Assert.Throws<ArgumentException>(static () => new ScriptedRouter(Array.Empty<ScriptedScore>()));
        Assert.Equal(1.5, Assert.Throws<ArgumentOutOfRangeException>(static () => new ScriptedRouter(0.5, 1.5)).ActualValue);
        Assert.Throws<ArgumentOutOfRangeException>(static () => new ScriptedRouter(double.NaN, new TimeoutException()));
        Assert.Throws<ArgumentNullException>(static () => new ScriptedScore(null!));
        var exception = Assert.Throws<ArgumentOutOfRangeException>(static () => new ScriptedRouter(0.5) { AtEnd = (ScriptEnd)7 });
        Assert.Contains("Throw, RepeatLast, Cycle", exception.Message, StringComparison.Ordinal);
    }
}
