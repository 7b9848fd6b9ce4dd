using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Diagnostics;
using RouteLLM.Tests.Contracts;
using RouteLLM.Tests.Diagnostics;

namespace RouteLLM.Tests.Resilience;

public class CooldownTests
{
    private readonly FakeTimeProvider _clock = new();

    public static TheoryData<bool> Streaming => [false, true];

    private static ResilienceOptions NoRetries => new() { MaxRetries = 0 };

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task A_route_that_failed_three_times_in_a_row_is_skipped_by_all_callers_until_its_cooldown_has_passed(bool streaming)
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(500), ScriptedClient.Fails(500), ScriptedClient.Fails(500), ScriptedClient.Answers);
        using RoutedChatClient client = ResilientClient.Create(_clock, NoRetries, new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(["strong", "weak"], (await client.AskAsync("question", streaming)).GetRouteOutcome()!.Attempts.Select(attempt => attempt.Route));
        }

        RouteOutcome skipped = (await client.AskAsync("question", streaming)).GetRouteOutcome()!;

        Assert.Equal(["weak"], skipped.Attempts.Select(attempt => attempt.Route));
        Assert.Equal(new("strong", "cooldown", "it failed, and is left alone for 15 s more") { RetryAfter = TimeSpan.FromSeconds(15) }, Assert.Single(skipped.Skips));
        Assert.Equal(3, strong.Calls);

        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal("strong", (await client.AskAsync("question", streaming)).GetRouteOutcome()!.Route);
        Assert.Null(client.GetService<DeploymentHealth>()!.GetStatuses()[0].CoolingFor);
    }

    [Fact]
    public async Task Successes_in_between_keep_a_route_from_cooling_down()
    {
        var strong = new ScriptedClient(
            "strong", _clock, ScriptedClient.Fails(500), ScriptedClient.Fails(500), ScriptedClient.Answers, ScriptedClient.Fails(500), ScriptedClient.Fails(500), ScriptedClient.Answers);
        using RoutedChatClient client = ResilientClient.Create(_clock, NoRetries, new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));

        for (int i = 0; i < 6; i++)
        {
            await client.AskAsync("question", streaming: false);
        }

        Assert.Equal(6, strong.Calls);
    }

    [Fact]
    public async Task A_provider_that_asks_to_be_left_alone_is_at_its_first_refusal()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(429, TimeSpan.FromSeconds(42)), ScriptedClient.Answers);
        using RoutedChatClient client = ResilientClient.Create(_clock, NoRetries, new ModelRoute("strong", strong));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("question", streaming: false));

        NoRouteAvailableException error = await Assert.ThrowsAsync<NoRouteAvailableException>(() => client.AskAsync("question", streaming: false));
        Assert.Equal(TimeSpan.FromSeconds(42), error.RetryAfter);
        Assert.Equal(1, strong.Calls);

        _clock.Advance(TimeSpan.FromSeconds(42));
        Assert.Equal("strong answers", (await client.AskAsync("question", streaming: false)).Text);
    }

    [Fact]
    public async Task A_cooldown_that_a_provider_asks_for_has_a_limit()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(429, TimeSpan.FromHours(20)));
        using RoutedChatClient client = ResilientClient.Create(_clock, NoRetries, new ModelRoute("strong", strong));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("question", streaming: false));

        Assert.Equal(TimeSpan.FromMinutes(5), client.GetService<DeploymentHealth>()!.GetStatuses().Single().CoolingFor);
    }

    [Fact]
    public async Task One_probe_at_a_time_tries_a_route_that_cooled_down_and_a_failed_one_doubles_the_cooldown()
    {
        ScriptedClient.Line slowFailure = new() { Delay = TimeSpan.FromSeconds(1), Error = new HttpRequestException("down") };
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(500), slowFailure, slowFailure, ScriptedClient.Answers);
        var options = new ResilienceOptions { MaxRetries = 0, Cooldown = new() { Failures = 1, Period = TimeSpan.FromSeconds(10), MaxPeriod = TimeSpan.FromSeconds(15) } };
        using RoutedChatClient client = ResilientClient.Create(_clock, options, new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));
        Assert.Equal("weak answers", (await client.AskAsync("question", streaming: false)).Text);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Task<ChatResponse> probe = client.AskAsync("question", streaming: false);
        RouteSkip skip = Assert.Single((await client.AskAsync("question", streaming: false)).GetRouteOutcome()!.Skips);
        Assert.Equal("it failed, and is being probed by another request", skip.Detail);
        Assert.Equal("weak answers", (await _clock.RunAsync(probe)).Text);
        Assert.Equal(2, strong.Calls);

        // Doubled, but no more than the limit.
        _clock.Advance(TimeSpan.FromSeconds(14));
        Assert.Equal(2, strong.Calls);
        await client.AskAsync("question", streaming: false);
        Assert.Equal(2, strong.Calls);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _clock.RunAsync(client.AskAsync("question", streaming: false));
        Assert.Equal(3, strong.Calls);
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal("strong answers", (await client.AskAsync("question", streaming: false)).Text);
    }

    [Fact]
    public async Task A_cancelled_probe_gives_its_place_to_the_next()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(429, TimeSpan.FromSeconds(1)), ScriptedClient.Hangs(mindsToken: true), ScriptedClient.Answers);
        using RoutedChatClient client = ResilientClient.Create(_clock, NoRetries, new ModelRoute("strong", strong));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("question", streaming: false));
        _clock.Advance(TimeSpan.FromSeconds(1));
        using var source = new CancellationTokenSource();
        Task<ChatResponse> cancelled = client.AskAsync("question", streaming: false, cancellationToken: source.Token);
        await Assert.ThrowsAsync<NoRouteAvailableException>(() => client.AskAsync("question", streaming: false));

        await source.CancelAsync();

        Assert.Equal(source.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled)).CancellationToken);
        Assert.Equal("strong answers", (await client.AskAsync("question", streaming: false)).Text);
    }

    [Fact]
    public async Task Streams_that_break_off_count_as_failures_and_a_probe_that_does_cools_down_again_at_once()
    {
        ScriptedClient.Line breaksOff = ScriptedClient.BreaksOff(new IOException("reset"));
        var strong = new ScriptedClient("strong", _clock, breaksOff, breaksOff, breaksOff, breaksOff, ScriptedClient.Answers);
        using RoutedChatClient client = ResilientClient.Create(_clock, NoRetries, new ModelRoute("strong", strong));
        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<IOException>(() => client.AskAsync("question", streaming: true));
        }

        await Assert.ThrowsAsync<NoRouteAvailableException>(() => client.AskAsync("question", streaming: true));
        _clock.Advance(TimeSpan.FromSeconds(15));
        await Assert.ThrowsAsync<IOException>(() => client.AskAsync("question", streaming: true));
        Assert.Equal(TimeSpan.FromSeconds(30), client.GetService<DeploymentHealth>()!.GetStatuses().Single().CoolingFor);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("strong answers", (await client.AskAsync("question", streaming: true)).Text);
        Assert.Equal(0, client.GetService<DeploymentHealth>()!.GetStatuses().Single().FailuresInARow);
    }

    [Fact]
    public async Task Errors_that_are_the_requests_own_fault_cool_nothing_down()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(new HttpRequestException("context_length_exceeded", null, System.Net.HttpStatusCode.BadRequest)));
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("weak answers", (await client.AskAsync("question", streaming: false)).Text);
        }

        Assert.Equal(10, strong.Calls);
    }

    [Fact]
    public async Task The_circuit_breaker_opens_by_the_share_of_failures_and_has_all_callers_skip_the_deployment()
    {
        var strong = new ScriptedClient("strong", _clock, [.. Enumerable.Range(0, 10).Select(i => i % 2 == 0 ? ScriptedClient.Answers : ScriptedClient.Fails(500)), ScriptedClient.Answers]);
        var options = new ResilienceOptions { MaxRetries = 0, Cooldown = null, CircuitBreaker = new() { MinimumThroughput = 10, FailureRatio = 0.5, BreakDuration = TimeSpan.FromSeconds(20) } };
        using RoutedChatClient client = ResilientClient.Create(_clock, options, new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));
        for (int i = 0; i < 10; i++)
        {
            await client.AskAsync("question", streaming: false);
        }

        RouteOutcome outcome = (await client.AskAsync("question", streaming: false)).GetRouteOutcome()!;
        Assert.Equal(("weak", "cooldown"), (outcome.Route, Assert.Single(outcome.Skips).Cause));
        Assert.Equal(10, strong.Calls);
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("strong", (await client.AskAsync("question", streaming: false)).GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task A_request_for_which_all_routes_cool_down_waits_for_the_first_that_comes_back_if_that_is_soon()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(429, TimeSpan.FromSeconds(3)), ScriptedClient.Answers);
        using RoutedChatClient client = ResilientClient.Create(_clock, new() { MaxAttempts = 1 }, new ModelRoute("strong", strong));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("first", streaming: false));

        Task<ChatResponse> waiting = client.AskAsync("second", streaming: false);

        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((false, 1), (waiting.IsCompleted, strong.Calls));
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal("strong answers", (await waiting).Text);
        Assert.Empty((await waiting).GetRouteOutcome()!.Skips);
    }

    [Fact]
    public async Task Cooldowns_and_retries_are_counted_and_logged_and_marked_on_the_span()
    {
        using var metrics = new MetricRecorder();
        using var spans = new SpanRecorder();
        var log = new LogRecorder();
        ModelRoute route = ResilientClient.Route("strong", ("one", new ScriptedClient("one", _clock, ScriptedClient.Fails(429, TimeSpan.FromSeconds(9)))), ("two", new ScriptedClient("two", _clock)));
        using var client = new RoutedChatClient(
            [route], new ThresholdPolicy(route, route, new FakeRouter(1), new() { Threshold = 0.5 }), options: null, log, metrics.MeterFactory, _clock);

        await client.AskAsync("question", streaming: false);

        MetricRecorder.Measurement cooldown = Assert.Single(metrics.Of(RoutingTelemetryNames.Cooldowns));
        Assert.Equal(("strong", "one", "System.Net.Http.HttpRequestException"), (cooldown.Tags[RoutingTelemetryNames.Route], cooldown.Tags[RoutingTelemetryNames.Deployment], cooldown.Tags["error.type"]));
        Assert.Equal("strong", Assert.Single(metrics.Of(RoutingTelemetryNames.Retries)).Tags[RoutingTelemetryNames.Route]);
        Assert.Empty(metrics.Of(RoutingTelemetryNames.Failovers));
        Assert.Equal([RoutingTelemetryNames.CooldownEvent], spans.Span.Events.Select(happening => happening.Name));
        Assert.Equal("Deployment one of route strong is left alone for 00:00:09 after System.Net.Http.HttpRequestException (429).", log.Single("CooledDown").Text);
    }

    [Fact]
    public async Task Clients_made_for_each_scope_skip_what_another_found_failing()
    {
        var strong = new ScriptedClient("strong", TimeProvider.System, ScriptedClient.Fails(429, TimeSpan.FromHours(1)));
        var services = new ServiceCollection();
        services.AddRoutedChatClient(
            _ => strong,
            _ => new ScriptedClient("weak", TimeProvider.System),
            options =>
            {
                options.Threshold = 0;
                options.Resilience = new() { MaxRetries = 0 };
            },
            ServiceLifetime.Scoped);
        await using ServiceProvider provider = services.BuildServiceProvider();

        for (int i = 0; i < 3; i++)
        {
            await using AsyncServiceScope scope = provider.CreateAsyncScope();
            Assert.Equal("weak answers", (await scope.ServiceProvider.GetRequiredService<IChatClient>().AskAsync("question", streaming: false)).Text);
        }

        Assert.Equal(1, strong.Calls);
    }

    [Fact]
    public async Task A_changed_configuration_keeps_cooldowns()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(429, TimeSpan.FromSeconds(60)));
        var weak = new ScriptedClient("weak", _clock);
        var state = new RouteLLM.Internals.RoutingState();
        RouteLLM.Internals.RoutingPlan Plan(int retries)
        {
            var options = new TwoModelRoutingOptions { Threshold = 0.5, Resilience = new() { MaxRetries = retries } };
            return RouteLLM.Internals.TwoModelPlan.Create(strong, weak, new FakeRouter(1), options, ownsStrong: false, ownsWeak: false, _clock, state);
        }

        using var client = new RoutedChatClient(Plan(0), loggerFactory: null, meterFactory: null);
        await client.AskAsync("question", streaming: false);

        client.Follow(Plan(1));

        await client.AskAsync("question", streaming: false);
        Assert.Equal((1, 2), (strong.Calls, weak.Calls));
    }
}
