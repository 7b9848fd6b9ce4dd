using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using RouteLLM;
using RouteLLM.Diagnostics;
using RouteLLM.Samples.Observability;

// Routes made-up traffic between two stand-ins for models, and shows it where an operator looks: Prometheus' metrics, a health check, a decision log.
// Usage: Observability [SECONDS] [REQUESTS A SECOND] [FOLDER OF THE LOG]
int seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 60;
int perSecond = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20;
string folder = args.Length > 2 ? args[2] : "logs";

HostApplicationBuilder builder = Host.CreateApplicationBuilder();

// What routers and models fail with is shown as metrics; a line for each would bury the rest.
builder.Logging.SetMinimumLevel(LogLevel.Error);
builder.Services.AddRoutedChatClient(
    static _ => new StandInChatClient("big", TimeSpan.FromMilliseconds(80), failing: 0.02),
    static _ => new StandInChatClient("small", TimeSpan.FromMilliseconds(20), failing: 0),
    static options =>
    {
        options.StrongShare = 0.3;
        options.StrongProfile = new() { Price = new TokenPrice(2.5m, 10) };
        options.WeakProfile = new() { Price = new TokenPrice(0.15m, 0.6m) };
        options.Resilience = new();
        options.Spending = new() { Budgets = { new() { Name = "month", Limit = 100 }, new() { Name = "tenant", Limit = 1, Period = BudgetPeriod.Day, Tenant = Budget.Each } } };
        options.Split = new() { Name = "half", Variants = [new() { Name = "control" }, new() { Name = "fewer", ThresholdShift = 0.1 }] };
    });
builder.Services.AddCostLedger();
builder.Services.AddRoutingDecisionLog(Path.Combine(folder, "decisions.jsonl"));
builder.Services.AddRoutingShadow("length", static _ => new DelegateRouter(static prompt => Math.Min(prompt.Length / 200.0, 1), "length"), threshold: 0.5);
builder.Services.AddRoutingQualitySampler(static _ => StandInJudge.JudgeAsync, static options => options.SampleShare = 0.2);
builder.Services.AddHealthChecks().AddRoutingDrift();
using IHost host = builder.Build();
using MeterProvider metrics = Sdk.CreateMeterProviderBuilder().AddMeter(RoutingTelemetryNames.Source).AddPrometheusHttpListener().Build();
await host.StartAsync();
Console.WriteLine($"Metrics: http://localhost:9464/metrics   Log: {folder}   {perSecond} requests a second for {seconds} s; Ctrl+C ends it.");

var client = host.Services.GetRequiredService<IChatClient>();
CancellationToken stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
await Traffic.SendAsync(client, seconds, perSecond, stopping);

ShadowReport shadow = host.Services.GetRequiredKeyedService<ShadowRouting>("length").Measure();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Shadow 'length': {shadow.Compared} compared, {shadow.Disagreement:P1} otherwise, would have saved {shadow.Saving:0.0000} of {shadow.ActualCost:0.0000} USD."));
foreach (LiveQuality quality in host.Services.GetRequiredService<LiveQualitySampler>().Measure())
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Quality of {quality.Route}: {quality.Mean:0.000} over {quality.Count} judged."));
}

HealthReport health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
Console.WriteLine($"Health: {health.Status}. {health.Entries["routing-drift"].Description}");
await host.StopAsync();
