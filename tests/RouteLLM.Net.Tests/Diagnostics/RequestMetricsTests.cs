using System.Diagnostics;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

public sealed class RequestMetricsTests : IDisposable
{
    private readonly MetricRecorder _metrics = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _metrics.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cost_and_tokens_are_counted_by_route_and_tenant_beside_what_always_strong_would_have_cost(bool streaming)
    {
        using RoutedChatClient client = Client();

        await AskAsync(client, "0.9", streaming, "acme");
        await AskAsync(client, "0.1", streaming, "acme");
        await AskAsync(client, "0.1", streaming);

        Assert.Equal([("strong", "acme", 10.0), ("weak", "acme", 1.0), ("weak", null, 1.0)], Of(RoutingTelemetryNames.Cost));
        Assert.Equal([("strong", "acme", 10.0), ("weak", "acme", 10.0), ("weak", null, 10.0)], Of(RoutingTelemetryNames.CostAlwaysStrong));
        Assert.Equal(
            [("strong", "input", 600_000.0), ("strong", "output", 400_000.0), ("weak", "input", 600_000.0), ("weak", "output", 400_000.0), ("weak", "input", 600_000.0), ("weak", "output", 400_000.0)],
            _metrics.Of(RoutingTelemetryNames.Tokens).Select(static measured => (measured.Tags["routellm.route"], measured.Tags["gen_ai.token.type"], measured.Value)));
    }

    [Fact]
    public async Task Requests_are_counted_and_timed_by_route_and_how_they_ended()
    {
        using RoutedChatClient client = Client(strong: TestChatClient.Failing(new InvalidOperationException("broken")));

        await AskAsync(client, "0.1", streaming: false);
        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(client, "0.9", streaming: false));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync("0.9", new() { ModelId = "unheard-of" }, Cancel));
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("0.1", cancellationToken: Cancel))
        {
            break;
        }

        Assert.Equal(
            [("weak", "answered"), ("strong", "failed"), (null, "undecided"), ("weak", "cancelled")],
            _metrics.Of(RoutingTelemetryNames.Requests).Select(static measured => (measured.Tags.GetValueOrDefault("routellm.route"), measured.Tags["routellm.status"])));
        Assert.Equal(["answered", "failed", "cancelled"], _metrics.Of(RoutingTelemetryNames.RequestDuration).Select(static measured => measured.Tags["routellm.status"]));
        Assert.Equal(["weak", "weak"], _metrics.Of(RoutingTelemetryNames.TimeToFirstUpdate).Select(static measured => measured.Tags["routellm.route"]));
        Assert.All(_metrics.Of(RoutingTelemetryNames.RequestDuration), static measured => Assert.Equal("s", measured.Instrument.Unit));
    }

    [Fact]
    public async Task Routes_that_a_gate_passes_over_are_counted_by_cause_and_told_on_the_span()
    {
        using var spans = new SpanRecorder();
        var options = new TwoModelRoutingOptions { Threshold = 0.5 };
        options.Gates.Add(new RefusingGate());
        using RoutedChatClient client = Client(options);

        await AskAsync(client, "0.9", streaming: false);

        MetricRecorder.Measurement skip = Assert.Single(_metrics.Of(RoutingTelemetryNames.Skips));
        Assert.Equal(new Dictionary<string, object?> { ["routellm.route"] = "strong", ["routellm.cause"] = "cooldown" }, skip.Tags);
        Activity span = spans.Span;
        Assert.Equal(("weak", "answered", 1.0, 600_000L), (span.GetTagItem("routellm.route"), span.GetTagItem("routellm.status"), span.GetTagItem("routellm.request.cost"), span.GetTagItem("gen_ai.usage.input_tokens")));
        ActivityEvent skipped = Assert.Single(span.Events, static e => e.Name == RoutingTelemetryNames.SkipEvent);
        Assert.Equal("cooldown", skipped.Tags.Single(static tag => tag.Key == "routellm.cause").Value);
    }

    [Fact]
    public async Task An_answer_from_a_routes_cache_costs_nothing_and_saves_nothing()
    {
        var strong = new ModelRoute("strong", Counting()) { Profile = RecordFactory.Strong.Profile };
        var cached = new ModelRoute("weak", Counting(), builder => builder.Use((_, _, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "cached")) { Usage = new() { InputTokenCount = 5 } }), null)) { Profile = RecordFactory.Weak.Profile };
        using var client = new RoutedChatClient([strong, cached], new ThresholdPolicy(strong, cached, new FakeRouter(0), new() { Threshold = 0.5 }), meterFactory: _metrics.MeterFactory);

        await client.GetResponseAsync("hello", cancellationToken: Cancel);

        Assert.Equal("answered_from_cache", Assert.Single(_metrics.Of(RoutingTelemetryNames.Requests)).Tags["routellm.status"]);
        Assert.Equal(0, Assert.Single(_metrics.Of(RoutingTelemetryNames.Cost)).Value);
        Assert.Empty(_metrics.Of(RoutingTelemetryNames.CostAlwaysStrong));
        Assert.Empty(_metrics.Of(RoutingTelemetryNames.Tokens));
    }

    [Fact]
    public async Task The_variant_of_a_split_is_on_requests_and_costs()
    {
        using RoutedChatClient client = Client(new() { Threshold = 0.5, Split = new() { Variants = [new() { Name = "b" }] } });

        await AskAsync(client, "0.9", streaming: false);

        Assert.Equal("b", Assert.Single(_metrics.Of(RoutingTelemetryNames.Requests)).Tags["routellm.variant"]);
        Assert.Equal("b", Assert.Single(_metrics.Of(RoutingTelemetryNames.Cost)).Tags["routellm.variant"]);
    }

    private static TestChatClient Counting() => new()
    {
        OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")) { Usage = new() { InputTokenCount = 600_000, OutputTokenCount = 400_000 } }),
    };

    private static Task<ChatResponse> AskAsync(IChatClient client, string prompt, bool streaming, string? tenant = null)
    {
        ChatOptions? options = tenant is null ? null : new ChatOptions().SetRoutingTenant(tenant);
        return streaming ? client.GetStreamingResponseAsync(prompt, options, Cancel).ToChatResponseAsync(Cancel) : client.GetResponseAsync(prompt, options, Cancel);
    }

    private IEnumerable<(object? Route, object? Tenant, double Value)> Of(string instrument) =>
        _metrics.Of(instrument).Select(static measured => (measured.Tags["routellm.route"], measured.Tags.GetValueOrDefault("routellm.tenant"), measured.Value));

    private RoutedChatClient Client(TwoModelRoutingOptions? options = null, IChatClient? strong = null)
    {
        options ??= new() { Threshold = 0.5 };
        (options.StrongProfile, options.WeakProfile) = (RecordFactory.Strong.Profile, RecordFactory.Weak.Profile);
        return new(strong ?? Counting(), Counting(), FakeRouter.ReadingPrompts(), options, meterFactory: _metrics.MeterFactory);
    }

    private sealed class RefusingGate : IRouteGate
    {
        public ValueTask<RouteAdmission> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken = default) =>
            new(attempt.Route.Name == "strong" ? RouteAdmission.Refuse(new("strong", "cooldown", "it failed a moment ago")) : RouteAdmission.Granted);
    }
}
