using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Diagnostics;
using RouteLLM.Tests.Budgets;
using RouteLLM.Tests.Resilience;

namespace RouteLLM.Tests.Diagnostics;

/// <summary>What an operator sees of money and of deployments.</summary>
public sealed class OperationalMetricsTests : IDisposable
{
    private readonly MetricRecorder _metrics = new();
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task The_share_of_each_budget_is_shown_by_budget_and_tenant_once_for_all_clients_of_a_ledger()
    {
        SpendingFixture fixture = new SpendingFixture()
            .With(new() { Name = "all", Limit = 0.04m, RaiseFrom = 1 }).With(new() { Name = "team", Limit = 0.02m, Tenant = Budget.Each, RaiseFrom = 1 }).With(new() { Name = "route", Limit = 0.1m, Route = Budget.Each, RaiseFrom = 1 });
        using RoutedChatClient first = Client(fixture), second = Client(fixture);
        Assert.Empty(_metrics.Observe(RoutingTelemetryNames.BudgetUsed));

        await first.GetResponseAsync("hi", SpendingFixture.Of("acme"), Cancel);
        await second.GetResponseAsync("hi", SpendingFixture.Of("globex"), Cancel);
        await second.GetResponseAsync("hi", new() { ModelId = "weak" }, Cancel);

        _metrics.Observe(RoutingTelemetryNames.BudgetUsed);
        Assert.Equal(
            [("all", null, 0.525), ("route", null, 0.2), ("team", null, 0.05), ("team", "acme", 0.5), ("team", "globex", 0.5)],
            _metrics.Of(RoutingTelemetryNames.BudgetUsed).Select(static measured => (Tag(measured, "routellm.budget"), Tag(measured, "routellm.tenant"), Math.Round(measured.Value, 6)))
                .OrderBy(static measured => measured.Item1, StringComparer.Ordinal).ThenBy(static measured => measured.Item2, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_warning_is_counted_when_a_budget_passes_its_share_and_not_again()
    {
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = "team", Limit = 0.025m, Tenant = Budget.Each, RaiseFrom = 1 });
        using RoutedChatClient client = Client(fixture);

        await client.GetResponseAsync("hi", SpendingFixture.Of("acme"), Cancel);
        Assert.Empty(_metrics.Of(RoutingTelemetryNames.BudgetWarnings));
        await client.GetResponseAsync("hi", SpendingFixture.Of("acme"), Cancel);
        await client.GetResponseAsync("hi", SpendingFixture.Of("acme"), Cancel);

        MetricRecorder.Measurement warning = Assert.Single(_metrics.Of(RoutingTelemetryNames.BudgetWarnings));
        Assert.Equal(("team", "acme", 1), (Tag(warning, "routellm.budget"), Tag(warning, "routellm.tenant"), warning.Value));
    }

    [Fact]
    public async Task Deployments_that_are_left_alone_are_shown_while_they_are()
    {
        using RoutedChatClient client = WithDeployments(ScriptedClient.Fails(429, TimeSpan.FromSeconds(30)));
        Assert.Equal([("big", "a", 0), ("big", "b", 0)], Cooling());

        await _clock.RunAsync(client.GetResponseAsync("hi", cancellationToken: Cancel));
        Assert.Equal([("big", "a", 1), ("big", "b", 0)], Cooling());

        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([("big", "a", 0), ("big", "b", 0)], Cooling());

        IEnumerable<(string?, string?, double)> Cooling()
        {
            int count = _metrics.Observe(RoutingTelemetryNames.CoolingDeployments).Count;
            return _metrics.Of(RoutingTelemetryNames.CoolingDeployments).TakeLast(count).Select(static measured => (Tag(measured, "routellm.route"), Tag(measured, "routellm.deployment"), measured.Value)).Order();
        }
    }

    [Fact]
    public async Task A_client_without_resilience_shows_no_deployments()
    {
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new FakeRouter(0.5), new() { Threshold = 0.5 }, meterFactory: _metrics.MeterFactory);
        await client.GetResponseAsync("hi", cancellationToken: Cancel);
        Assert.Empty(_metrics.Observe(RoutingTelemetryNames.CoolingDeployments));
        Assert.DoesNotContain("routellm.deployment", Assert.Single(_metrics.Of(RoutingTelemetryNames.RequestDuration)).Tags.Keys);
    }

    [Fact]
    public async Task The_deployment_that_answered_is_in_times_span_and_decision_log_beside_those_that_failed()
    {
        string folder = Directory.CreateTempSubdirectory("routellm-deployments-").FullName;
        using var spans = new SpanRecorder();
        await using (var log = new DecisionLog(new() { Path = Path.Combine(folder, "log.jsonl") }))
        {
            using RoutedChatClient client = WithDeployments(ScriptedClient.Fails(429, TimeSpan.FromSeconds(30)), log);
            await _clock.RunAsync(client.GetResponseAsync("hi", cancellationToken: Cancel));
        }

        Assert.Equal("b", Tag(Assert.Single(_metrics.Of(RoutingTelemetryNames.RequestDuration)), "routellm.deployment"));
        Assert.Equal("b", Tag(Assert.Single(_metrics.Of(RoutingTelemetryNames.TimeToFirstUpdate)), "routellm.deployment"));
        Assert.Equal("b", spans.Span.GetTagItem(RoutingTelemetryNames.Deployment));
        JsonElement line = JsonSerializer.Deserialize<JsonElement>(Assert.Single(File.ReadAllLines(Assert.Single(Directory.GetFiles(folder)))));
        Assert.Equal("b", line.GetProperty("deployment").GetString());
        Assert.Equal(["a", "b"], line.GetProperty("attempted").EnumerateArray().Select(static attempt => attempt.GetProperty("deployment").GetString()));
        Directory.Delete(folder, recursive: true);
    }

    private static string? Tag(MetricRecorder.Measurement measured, string name) => (string?)measured.Tags.GetValueOrDefault(name);

    private RoutedChatClient Client(SpendingFixture fixture) => new(fixture.Strong, fixture.Weak, fixture.Router, fixture.Options, meterFactory: _metrics.MeterFactory, timeProvider: fixture.Time);

    private RoutedChatClient WithDeployments(ScriptedClient.Line first, params IRoutingObserver[] observers)
    {
        ModelRoute big = ResilientClient.Route("big", ("a", new ScriptedClient("a", _clock, first, ScriptedClient.Answers)), ("b", new ScriptedClient("b", _clock)));
        var options = new RoutedChatClientOptions();
        foreach (IRoutingObserver observer in observers)
        {
            options.Observers.Add(observer);
        }

        return new([big], new OnlyPolicy(big), options, meterFactory: _metrics.MeterFactory, timeProvider: _clock);
    }

    private sealed class OnlyPolicy(ModelRoute route) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(new RouteDecision([route], "only"));
    }
}
