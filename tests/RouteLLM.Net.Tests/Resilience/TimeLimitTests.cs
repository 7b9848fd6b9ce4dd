using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Tests.Contracts;

namespace RouteLLM.Tests.Resilience;

public class TimeLimitTests
{
    private readonly FakeTimeProvider _clock = new();

    /// <summary>Gets whether the call is streamed, and whether the model stops when it is told to.</summary>
    public static TheoryData<bool, bool> Hangs => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    public static TheoryData<bool> Streaming => [false, true];

    [Theory]
    [MemberData(nameof(Hangs))]
    public async Task A_call_that_hangs_is_given_up_and_the_next_route_is_tried_even_if_the_model_does_not_stop(bool streaming, bool mindsToken)
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Hangs(mindsToken));
        using RoutedChatClient client = ResilientClient.Create(
            _clock, new() { AttemptTimeout = TimeSpan.FromSeconds(10), MaxRetries = 0 }, new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));

        Task<ChatResponse> asking = client.AskAsync("question", streaming);

        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(asking.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        ChatResponse response = await asking;
        Assert.Equal("weak answers", response.Text);
        TimeoutException error = Assert.IsType<TimeoutException>(response.GetRouteOutcome()!.Attempts[0].Error);
        Assert.StartsWith($"Route 'strong' gave no {(streaming ? "update" : "response")} within 00:00:10", error.Message, StringComparison.Ordinal);
        Assert.Equal(mindsToken ? 0 : 1, strong.UnderWay);
    }

    [Fact]
    public async Task The_limit_to_the_first_update_is_for_streams_alone()
    {
        var options = new ResilienceOptions { FirstUpdateTimeout = TimeSpan.FromSeconds(2), AttemptTimeout = TimeSpan.FromSeconds(60), MaxRetries = 0 };
        using RoutedChatClient client = ResilientClient.Create(_clock, options, new ModelRoute("strong", new ScriptedClient("strong", _clock, ScriptedClient.Takes(30))));

        Assert.Equal("strong answers", (await _clock.RunAsync(client.AskAsync("question", streaming: false))).Text);
        await Assert.ThrowsAsync<TimeoutException>(() => _clock.RunAsync(client.AskAsync("question", streaming: true)));
    }

    [Fact]
    public async Task A_stream_that_has_begun_may_take_longer_than_an_attempt()
    {
        var model = new ScriptedClient("strong", _clock, new ScriptedClient.Line { Delay = TimeSpan.FromSeconds(1), Pause = TimeSpan.FromSeconds(100) });
        using RoutedChatClient client = ResilientClient.Create(_clock, new() { AttemptTimeout = TimeSpan.FromSeconds(2) }, new ModelRoute("strong", model));

        Assert.Equal("strong answers", (await _clock.RunAsync(client.AskAsync("question", streaming: true))).Text);
    }

    [Theory]
    [MemberData(nameof(Hangs))]
    public async Task A_request_ends_when_its_time_is_up_whatever_is_still_to_be_tried(bool streaming, bool mindsToken)
    {
        var weak = new ScriptedClient("weak", _clock);
        using RoutedChatClient client = ResilientClient.Create(
            _clock, new() { TotalTimeout = TimeSpan.FromSeconds(5) }, new ModelRoute("strong", new ScriptedClient("strong", _clock, ScriptedClient.Hangs(mindsToken))), new ModelRoute("weak", weak));
        Task<ChatResponse> asking = client.AskAsync("question", streaming);

        _clock.Advance(TimeSpan.FromSeconds(5));

        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(() => asking);
        Assert.Contains("within 00:00:05", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, weak.Calls);
    }

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task The_time_for_the_whole_request_ends_a_stream_that_hangs_in_the_middle(bool mindsToken)
    {
        var model = new ScriptedClient("strong", _clock, new ScriptedClient.Line { Pause = Timeout.InfiniteTimeSpan, MindsToken = mindsToken });
        using RoutedChatClient client = ResilientClient.Create(_clock, new() { TotalTimeout = TimeSpan.FromSeconds(5) }, new ModelRoute("strong", model));
        Task<ChatResponse> asking = client.AskAsync("question", streaming: true);

        _clock.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<TimeoutException>(() => asking);
        Assert.Equal(0, client.GetService<DeploymentHealth>()!.GetStatuses().Single().CallsUnderWay);
    }

    [Fact]
    public async Task No_retry_is_begun_for_which_there_is_no_time()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(429, TimeSpan.FromSeconds(4)));
        using RoutedChatClient client = ResilientClient.Create(
            _clock, new() { TotalTimeout = TimeSpan.FromSeconds(3) }, new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));

        Assert.Equal("weak answers", (await client.AskAsync("question", streaming: false)).Text);
    }

    [Fact]
    public async Task Hanging_deployments_cool_down()
    {
        var hanging = new ScriptedClient("one", _clock, ScriptedClient.Hangs(mindsToken: true));
        var options = new ResilienceOptions { AttemptTimeout = TimeSpan.FromSeconds(1), Cooldown = new() { Failures = 1, Period = TimeSpan.FromMinutes(1) } };
        using RoutedChatClient client = ResilientClient.Create(_clock, options, ResilientClient.Route("strong", ("one", hanging), ("two", new ScriptedClient("two", _clock))));

        for (int i = 0; i < 6; i++)
        {
            await _clock.RunAsync(client.AskAsync("question", streaming: i % 2 == 0));
        }

        Assert.Equal(1, hanging.Calls);
    }

    [Fact]
    public void Options_say_what_is_wrong_with_them()
    {
        var options = new ResilienceOptions
        {
            MaxAttempts = 0,
            TotalTimeout = TimeSpan.Zero,
            AttemptTimeout = TimeSpan.FromSeconds(-1),
            MaxRetries = -1,
            RetryDelay = TimeSpan.FromSeconds(9),
            Balancing = (LoadBalancing)7,
            Cooldown = new() { Failures = 0, Probes = 0, MaxPeriod = TimeSpan.FromSeconds(1) },
            CircuitBreaker = new() { FailureRatio = 50, MinimumThroughput = 1, BreakDuration = TimeSpan.Zero },
        };
        options.Routes["strong"] = new() { HedgeDelay = TimeSpan.FromDays(2) };

        string[] errors = [.. options.FindErrors()];

        Assert.Equal(13, errors.Length);
        Assert.All(
            ["Resilience.MaxAttempts is 0", "Resilience.TotalTimeout", "Resilience.AttemptTimeout", "Resilience.MaxRetries", "Resilience.RetryDelay", "Resilience.Balancing", "Resilience.Cooldown.Failures",
                "Resilience.Cooldown.Period", "Resilience.Cooldown.Probes", "Resilience.CircuitBreaker.FailureRatio", "Resilience.CircuitBreaker.MinimumThroughput", "Resilience.CircuitBreaker.BreakDuration", "Resilience.Routes[strong].HedgeDelay"],
            name => Assert.Contains(errors, error => error.StartsWith(name, StringComparison.Ordinal)));
        Assert.Empty(new ResilienceOptions().FindErrors());
    }

    [Fact]
    public void Settings_for_a_route_that_there_is_not_are_refused()
    {
        var options = new ResilienceOptions();
        options.Routes["storng"] = new();

        ArgumentException error = Assert.Throws<ArgumentException>(() => ResilientClient.Create(_clock, options, new ModelRoute("strong", new ScriptedClient("strong", _clock))));

        Assert.Contains("'storng', but there is no such route; the routes are: strong", error.Message, StringComparison.Ordinal);
    }
}
