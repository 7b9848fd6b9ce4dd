using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

/// <summary>The dashboard and the alert rules of samples/Observability name what the Prometheus exporter really gives.</summary>
[Collection(nameof(OpenTelemetryTests))]
public partial class ObservabilitySampleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_and_label_that_dashboard_and_alerts_name_is_exported()
    {
        string exported = await ExportAsync();
        HashSet<string> known = [.. NameRegex().Matches(exported).Select(static match => match.Value)];

        string[] dashboard = [.. Expressions()], alerts = [.. NameRegex().Matches(Read("alerts.yml")).Select(static match => match.Value)];
        Assert.True(dashboard.Length > 20);
        Assert.True(alerts.Length > 10);
        string[] missing = [.. dashboard.SelectMany(static expression => NameRegex().Matches(expression)).Select(static match => match.Value).Concat(alerts).Except(known).Order(StringComparer.Ordinal)];
        Assert.True(missing.Length == 0, $"Not exported: {string.Join(", ", missing)}. Exported are: {string.Join(", ", known.Order(StringComparer.Ordinal))}.");
    }

    [Fact]
    public async Task Every_metric_there_is_has_a_place_on_the_dashboard()
    {
        HashSet<string> shown = [.. Expressions().SelectMany(static expression => NameRegex().Matches(expression)).Select(static match => match.Value)];
        string[] metrics = [.. TypeRegex().Matches(await ExportAsync()).Select(static match => match.Groups[1].Value).Distinct()];

        Assert.Contains("routellm_strong_share", metrics);
        string[] missing = [.. metrics.Where(metric => !shown.Any(name => name == metric || name.StartsWith(metric + "_", StringComparison.Ordinal))).Except(["routellm_decision_log_written_total"])];
        Assert.True(missing.Length == 0, $"Not on the dashboard: {string.Join(", ", missing)}.");
    }

    [Fact]
    public void The_alert_rules_are_those_that_were_asked_for()
    {
        string alerts = Read("alerts.yml").ReplaceLineEndings("\n");

        Assert.Contains("{routellm_route=\"strong\"}[300s])) / sum(increase(routellm_decisions_total[300s])) > 0.7\n", alerts, StringComparison.Ordinal);
        Assert.Contains("{routellm_route=\"strong\"}[300s] offset 300s)) / sum(increase(routellm_decisions_total[300s] offset 300s)) > 0.7\n", alerts, StringComparison.Ordinal);
        Assert.Contains("({__name__=~\"routellm_budget_used(_ratio)?\"}) >= 0.8\n", alerts, StringComparison.Ordinal);
        Assert.Contains("RouteLLMCostSpike", alerts, StringComparison.Ordinal);
    }

    // routellm_... and the labels that others have named.
    [GeneratedRegex(@"\b(?:routellm_\w+|gen_ai_token_type|error_type)\b")]
    private static partial Regex NameRegex();

    [GeneratedRegex(@"^# TYPE (routellm_\w+) ", RegexOptions.Multiline)]
    private static partial Regex TypeRegex();

    private static IEnumerable<string> Expressions() =>
        JsonSerializer.Deserialize<JsonElement>(Read("dashboard.json")).GetProperty("panels").EnumerateArray()
            .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray())
            .SelectMany(static target => new[] { target.GetProperty("expr").GetString()!, target.GetProperty("legendFormat").GetString()! });

    private static string Read(string name)
    {
        using Stream stream = typeof(ObservabilitySampleTests).Assembly.GetManifestResourceStream($"Observability.{name}") ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Has everything there is to measure measured once, and gives what Prometheus would scrape.</summary>
    private static async Task<string> ExportAsync()
    {
        // A port that was free a moment ago; on the loopback, so this is no network.
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        using var metrics = new MetricRecorder();
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter(RoutingTelemetryNames.Source)
            .AddPrometheusHttpListener(options => options.Port = port).Build();
        await MeasureAsync(metrics.MeterFactory);
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://localhost:{port}/metrics"), Cancel);
    }

    private static async Task MeasureAsync(IMeterFactory meterFactory)
    {
        string folder = Directory.CreateTempSubdirectory("routellm-metrics-").FullName;
        var monitor = new WinProbabilityDriftMonitor(meterFactory: meterFactory);
        var shadow = new ShadowRouting("candidate", new FakeRouter((request, _) => request.Prompt == "0.3" ? throw new FormatException() : new(0.9)), 0.5, meterFactory: meterFactory);
        var sampler = new LiveQualitySampler((record, _) => record.Request.Prompt == "0.3" ? throw new FormatException() : new(0.5), new() { SampleShare = 1 }, meterFactory: meterFactory);
        var log = new DecisionLog(new() { Path = Path.Combine(folder, "log.jsonl"), Capacity = 1 }, meterFactory: meterFactory);
        await using var ledger = new CostLedger(new MemoryLedgerStore());
        var clustered = new ClusterDriftMonitor(new ClusteredFakeRouter(), meterFactory: meterFactory);
        var options = new TwoModelRoutingOptions { Threshold = 0.5, StrongProfile = RecordFactory.Strong.Profile, WeakProfile = RecordFactory.Weak.Profile, Split = new() { Variants = [new() { Name = "control" }] } };
        options.Spending = new() { Ledger = ledger, Budgets = { new() { Name = "little", Limit = 0.000001m, Tenant = "spender" } } };
        options.Resilience = new() { MaxRetries = 1, RetryDelay = TimeSpan.Zero, Cooldown = new() { Failures = 2 } };
        options.Gates.Add(new RefusingGate());
        foreach (IRoutingObserver observer in new IRoutingObserver[] { monitor, shadow, sampler, log })
        {
            options.Observers.Add(observer);
        }

        using (var client = new RoutedChatClient(TestChatClient.Failing(new HttpRequestException("down")), TestChatClient.Answering("weak"), clustered, options, meterFactory: meterFactory))
        {
            foreach (string prompt in new[] { "0.9", "0.3", "0.1", "not a number", "refused 0.9" })
            {
                await client.GetResponseAsync(prompt, new ChatOptions().SetRoutingTenant("acme"), Cancel);
            }

            await client.GetResponseAsync("0.1", new ChatOptions().SetRoutingTenant("spender"), Cancel);
            await shadow.FlushAsync(Cancel);
            await sampler.FlushAsync(Cancel);
        }

        await sampler.DisposeAsync();
        await shadow.DisposeAsync();
        await log.DisposeAsync();
        log.OnCompleted(RecordFactory.Make());
        GC.KeepAlive(monitor);
        Directory.Delete(folder, recursive: true);
    }

    private sealed class RefusingGate : IRouteGate
    {
        public ValueTask<RouteAdmission> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken = default) =>
            new(attempt.Route.Name == "strong" && attempt.Request.Prompt.StartsWith("refused", StringComparison.Ordinal) ? RouteAdmission.Refuse(new("strong", "cooldown", "it failed a moment ago")) : RouteAdmission.Granted);
    }

    private sealed class ClusteredFakeRouter : IRouter, IClusteredRouter
    {
        public IReadOnlyList<int> ClusterRows => [1, 1];

        public int AssignCluster(ReadOnlySpan<float> embedding) => 1;

        public ValueTask<int> AssignClusterAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(1);

        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
        {
            request.Cluster = 1;
            return new(double.Parse(request.Prompt.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(ScoreQuantiles) ? new ScoreQuantiles([0, 1]) : serviceType == typeof(RouterMetadata) ? new RouterMetadata("fake") : serviceType.IsInstanceOfType(this) ? this : null;
    }
}
