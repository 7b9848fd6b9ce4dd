using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

public sealed class MetricsTests : IDisposable
{
    private readonly MetricRecorder _metrics = new();
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong", "big");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak", "small");

    public void Dispose() => _metrics.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Decisions_are_counted_by_route_router_and_reason(bool streaming)
    {
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());

        await Send(client, "0.6", streaming);
        await Send(client, "0.4", streaming);
        await Send(client, "0.3", streaming);
        await Send(client, "0.9", streaming, new() { ModelId = "weak" });
        await Send(client, " ", streaming);

        Assert.Equal(
            [("strong", "fake", "threshold"), ("weak", "fake", "threshold"), ("weak", "fake", "threshold"), ("weak", null, "pinned"), ("strong", null, "no-text")],
            Decisions());
        Assert.All(_metrics.Of(RoutingTelemetryNames.Decisions), measurement =>
        {
            Assert.Equal(1, measurement.Value);
            Assert.Equal(3, measurement.Tags.Count);
            Assert.Equal("{decision}", measurement.Instrument.Unit);
        });
    }

    [Fact]
    public async Task A_request_that_belongs_to_a_route_is_counted_with_its_reason()
    {
        _strong.OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call", "tool")])) { ConversationId = "conversation" });
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());

        await Send(client, "0.6");
        await Send(client, "0.4", options: new() { ConversationId = "conversation" });
        await client.GetResponseAsync([new(ChatRole.User, "0.4"), new(ChatRole.Tool, [new FunctionResultContent("call", "result")])], cancellationToken: Cancel);

        Assert.Equal([("strong", "fake", "threshold"), ("strong", null, "provider-state"), ("strong", null, "tool-result")], Decisions());
    }

    [Fact]
    public async Task Win_probabilities_are_recorded_by_router_where_there_are_any()
    {
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());

        await Send(client, "0.6");
        await Send(client, "0.25");
        await Send(client, "0.9", options: new() { ModelId = "strong" });
        await Send(client, "not a number");
        await Send(client, "");

        IReadOnlyList<MetricRecorder.Measurement> recorded = _metrics.Of(RoutingTelemetryNames.WinProbability);
        Assert.Equal([0.6, 0.25], recorded.Select(measurement => measurement.Value));
        Assert.All(recorded, measurement => Assert.Equal([new(RoutingTelemetryNames.Router, "fake")], measurement.Tags));
    }

    [Fact]
    public async Task Decision_times_are_recorded_in_seconds_by_router()
    {
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());

        RouteOutcome outcome = (await client.GetResponseAsync("0.6", cancellationToken: Cancel)).GetRouteOutcome()!;

        MetricRecorder.Measurement recorded = Assert.Single(_metrics.Of(RoutingTelemetryNames.DecisionDuration));
        Assert.Equal(outcome.DecisionTime.TotalSeconds, recorded.Value);
        Assert.Equal("s", recorded.Instrument.Unit);
        Assert.Equal([new(RoutingTelemetryNames.Router, "fake")], recorded.Tags);
    }

    [Fact]
    public async Task Strong_share_is_that_of_the_decisions_by_a_router()
    {
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());
        Assert.Empty(_metrics.Observe(RoutingTelemetryNames.StrongShare));

        foreach (string prompt in new[] { "0.6", "0.4", "0.3", "0.2" })
        {
            await Send(client, prompt);
        }

        Assert.Equal([0.25], _metrics.Observe(RoutingTelemetryNames.StrongShare));

        await Send(client, "0.4", options: new() { ModelId = "strong" });
        await Send(client, "not a number");
        await Send(client, "");
        Assert.Equal([0.25], _metrics.Observe(RoutingTelemetryNames.StrongShare));
    }

    [Fact]
    public async Task Strong_share_looks_back_over_a_thousand_decisions()
    {
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());
        for (int i = 0; i < 1000; i++)
        {
            await Send(client, "0.6");
        }

        Assert.Equal([1.0], _metrics.Observe(RoutingTelemetryNames.StrongShare));

        for (int i = 0; i < 250; i++)
        {
            await Send(client, "0.4");
        }

        Assert.Equal([0.75], _metrics.Observe(RoutingTelemetryNames.StrongShare));
    }

    [Fact]
    public async Task Strong_share_counts_a_decision_and_not_who_answered_in_the_end()
    {
        _strong.OnResponse = (_, _, _) => throw new HttpRequestException("down");
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());

        await Send(client, "0.6");

        Assert.Equal([1.0], _metrics.Observe(RoutingTelemetryNames.StrongShare));
    }

    [Fact]
    public async Task Clients_of_one_meter_report_one_strong_share_together_however_many_there_were()
    {
        foreach (string prompt in new[] { "0.6", "0.6", "0.6", "0.4" })
        {
            using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());
            await Send(client, prompt);
        }

        Assert.Equal([0.75], _metrics.Observe(RoutingTelemetryNames.StrongShare));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Failovers_are_counted_by_route_next_route_and_error(bool streaming)
    {
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts(), strong: TestChatClient.Failing(new HttpRequestException("down")));

        await Send(client, "0.6", streaming);
        await Send(client, "0.4", streaming);

        MetricRecorder.Measurement recorded = Assert.Single(_metrics.Of(RoutingTelemetryNames.Failovers));
        Assert.Equal(1, recorded.Value);
        Assert.Equal(
            new Dictionary<string, object?> { ["routellm.route"] = "strong", ["routellm.next_route"] = "weak", ["error.type"] = "System.Net.Http.HttpRequestException" },
            recorded.Tags);
        Assert.Equal(2, Decisions().Count());
    }

    [Fact]
    public async Task A_failure_that_no_route_is_tried_after_is_no_failover()
    {
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts(), strong: TestChatClient.Failing(new InvalidOperationException("a mistake")));

        await Assert.ThrowsAsync<InvalidOperationException>(() => Send(client, "0.6"));

        Assert.Empty(_metrics.Of(RoutingTelemetryNames.Failovers));
        Assert.Single(Decisions());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Router_failures_are_counted_by_router_and_reason(bool throws)
    {
        using RoutedChatClient client = Client(new FakeRouter((_, _) => throws ? throw new FormatException() : new(double.NaN)));

        await Send(client, "Hello");

        MetricRecorder.Measurement recorded = Assert.Single(_metrics.Of(RoutingTelemetryNames.RouterFailures));
        Assert.Equal(1, recorded.Value);
        Assert.Equal(new Dictionary<string, object?> { ["routellm.router"] = "fake", ["routellm.reason"] = "router-failed" }, recorded.Tags);
        Assert.Equal([("strong", "fake", "router-failed")], Decisions());
    }

    [Fact]
    public async Task A_router_that_exceeds_its_time_limit_is_counted_as_such()
    {
        var time = new FakeTimeProvider();
        var never = new TaskCompletionSource<double>();
        using RoutedChatClient client = Client(new FakeRouter((_, _) => new(never.Task)), timeProvider: time);

        Task<ChatResponse> call = client.GetResponseAsync("Hello", cancellationToken: Cancel);
        time.Advance(TimeSpan.FromSeconds(6));
        await call;

        Assert.Equal("router-timed-out", Assert.Single(_metrics.Of(RoutingTelemetryNames.RouterFailures)).Tags["routellm.reason"]);
        Assert.Equal([("strong", "fake", "router-timed-out")], Decisions());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IEnumerable<(object? Route, object? Router, object? Reason)> Decisions() =>
        _metrics.Of("routellm.decisions").Select(measurement => (measurement.Tags["routellm.route"], measurement.Tags["routellm.router"], measurement.Tags["routellm.reason"]));

    private RoutedChatClient Client(IRouter router, IChatClient? strong = null, TimeProvider? timeProvider = null) =>
        new(strong ?? _strong, _weak, router, new TwoModelRoutingOptions { Threshold = 0.5 }, meterFactory: _metrics.MeterFactory, timeProvider: timeProvider);

    private static async Task Send(IChatClient client, string prompt, bool streaming = false, ChatOptions? options = null)
    {
        if (streaming)
        {
            await client.GetStreamingResponseAsync(prompt, options, Cancel).ToChatResponseAsync(Cancel);
        }
        else
        {
            await client.GetResponseAsync(prompt, options, Cancel);
        }
    }
}
