using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Tests.Contracts;

namespace RouteLLM.Tests.Resilience;

public class HedgingTests
{
    private readonly FakeTimeProvider _clock = new();

    public static TheoryData<bool> Streaming => [false, true];

    private static ResilienceOptions AfterTwoSeconds => new() { HedgeDelay = TimeSpan.FromSeconds(2) };

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task A_call_that_is_slow_is_made_a_second_time_elsewhere_and_the_first_answer_counts(bool streaming)
    {
        ScriptedClient slow = new("slow", _clock, ScriptedClient.Takes(60)), fast = new("fast", _clock, ScriptedClient.Takes(1));
        using RoutedChatClient client = ResilientClient.Create(_clock, AfterTwoSeconds, ResilientClient.Route("strong", ("slow", slow), ("fast", fast)));
        Task<ChatResponse> asking = client.AskAsync("question", streaming);

        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal((1, 0), (slow.Calls, fast.Calls));
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal((1, 1), (slow.Calls, fast.Calls));
        _clock.Advance(TimeSpan.FromSeconds(1));

        ChatResponse response = await asking;
        RouteOutcome outcome = response.GetRouteOutcome()!;
        Assert.Equal(("fast answers", "fast"), (response.Text, outcome.Deployment));
        Assert.Equal([("slow", "System.OperationCanceledException"), ("fast", null)], outcome.Attempts.Select(attempt => (attempt.Deployment, attempt.ErrorType)));
        Assert.Equal((0, 0), (slow.UnderWay, fast.UnderWay));

        // Slow is not sick.
        Assert.All(client.GetService<DeploymentHealth>()!.GetStatuses(), status => Assert.Equal((0, 0), (status.FailuresInARow, status.CallsUnderWay)));
    }

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task A_call_that_is_answered_in_time_is_made_once(bool streaming)
    {
        ScriptedClient one = new("one", _clock, ScriptedClient.Takes(1)), two = new("two", _clock);
        using RoutedChatClient client = ResilientClient.Create(_clock, AfterTwoSeconds, ResilientClient.Route("strong", ("one", one), ("two", two)));

        Assert.Equal("one answers", (await _clock.RunAsync(client.AskAsync("question", streaming))).Text);

        Assert.Equal(0, two.Calls);
    }

    [Fact]
    public async Task A_hedge_that_fails_leaves_the_first_call_to_answer()
    {
        ScriptedClient slow = new("slow", _clock, ScriptedClient.Takes(3)), broken = new("broken", _clock, ScriptedClient.Fails(503));
        using RoutedChatClient client = ResilientClient.Create(_clock, AfterTwoSeconds, ResilientClient.Route("strong", ("slow", slow), ("broken", broken)));

        ChatResponse response = await _clock.RunAsync(client.AskAsync("question", streaming: false));

        Assert.Equal("slow answers", response.Text);
        Assert.Equal(["broken", "slow"], response.GetRouteOutcome()!.Attempts.Select(attempt => attempt.Deployment));
    }

    [Fact]
    public async Task A_call_that_fails_at_once_is_retried_after_its_pause_and_not_hedged()
    {
        var model = new ScriptedClient("model", _clock, ScriptedClient.Fails(503), ScriptedClient.Answers);
        using RoutedChatClient client = ResilientClient.Create(_clock, AfterTwoSeconds, new ModelRoute("strong", model));
        Task<ChatResponse> asking = client.AskAsync("question", streaming: false);

        Assert.Equal(1, model.Calls);
        _clock.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal("model answers", (await asking).Text);
    }

    [Fact]
    public async Task A_call_that_is_overtaken_while_the_caller_cancels_is_listed_with_the_answer()
    {
        using var source = new CancellationTokenSource();
        var isSet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        DeploymentHealth? health = null;
        var slow = new TestChatClient
        {
            OnResponse = async (_, _, token) =>
            {
                // What is registered last is called first: when the other call has won, the caller cancels, this one ends, and only then does the request go on.
                token.Register(() => SpinWait.SpinUntil(() => health!.GetStatuses().Single(static status => status.Deployment == "slow").CallsUnderWay == 0));
                await Task.Yield();
                token.Register(source.Cancel);
                isSet.SetResult();
                await new TaskCompletionSource().Task.WaitAsync(token);
                return new();
            },
        };
        using var client = ResilientClient.Create(_clock, AfterTwoSeconds, new ModelRoute("strong", [new("slow", slow), new("fast", TestChatClient.Answering("fast answers"))]));
        health = client.GetService<DeploymentHealth>();
        Task<ChatResponse> asking = client.GetResponseAsync("question", cancellationToken: source.Token);
        await isSet.Task;

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(["slow", "fast"], (await asking).GetRouteOutcome()!.Attempts.Select(static attempt => attempt.Deployment));
    }

    [Fact]
    public async Task Hedges_count_as_attempts()
    {
        ScriptedClient one = new("one", _clock, ScriptedClient.Hangs(mindsToken: true)), two = new("two", _clock, ScriptedClient.Hangs(mindsToken: true)), three = new("three", _clock);
        var options = new ResilienceOptions { HedgeDelay = TimeSpan.FromSeconds(2), AttemptTimeout = TimeSpan.FromSeconds(10), MaxAttempts = 2 };
        using RoutedChatClient client = ResilientClient.Create(_clock, options, ResilientClient.Route("strong", ("one", one), ("two", two), ("three", three)));

        RoutesFailedException error = await Assert.ThrowsAsync<RoutesFailedException>(() => _clock.RunAsync(client.AskAsync("question", streaming: false)));

        Assert.Equal(["one", "two"], error.Attempts.Select(attempt => attempt.Deployment));
        Assert.Equal(0, three.Calls);
    }

    [Fact]
    public async Task A_caller_who_cancels_cancels_both_calls()
    {
        ScriptedClient one = new("one", _clock, ScriptedClient.Hangs(mindsToken: true)), two = new("two", _clock, ScriptedClient.Hangs(mindsToken: true));
        using RoutedChatClient client = ResilientClient.Create(_clock, AfterTwoSeconds, ResilientClient.Route("strong", ("one", one), ("two", two)));
        using var source = new CancellationTokenSource();
        Task<ChatResponse> asking = client.AskAsync("question", streaming: false, cancellationToken: source.Token);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((1, 1), (one.UnderWay, two.UnderWay));

        await source.CancelAsync();

        Assert.Equal(source.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking)).CancellationToken);
        Assert.Equal((0, 0), (one.UnderWay, two.UnderWay));
    }
}
