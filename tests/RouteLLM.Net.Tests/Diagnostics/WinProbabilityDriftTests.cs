using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

public class WinProbabilityDriftTests
{
    private static readonly FakeRouter s_uniform = new((_, _) => new(0.5), new ScoreQuantiles([0, 1]));

    [Fact]
    public void Traffic_like_that_of_calibration_has_not_drifted()
    {
        var monitor = new WinProbabilityDriftMonitor();
        Tell(monitor, random => random.NextDouble());

        WinProbabilityDrift drift = Assert.Single(monitor.Measure());

        Assert.Equal(("fake", 1000), (drift.Router, drift.Count));
        Assert.Equal(9, drift.UpperBounds.Count);
        Assert.All(drift.Expected, static share => Assert.Equal(0.1, share, 9));
        Assert.InRange(drift.Index, 0, 0.03);
        Assert.False(monitor.HasDrifted(drift));
    }

    [Fact]
    public void The_index_is_that_of_the_shares_of_the_deciles()
    {
        var monitor = new WinProbabilityDriftMonitor(new() { Window = 10, MinimumCount = 1 });
        foreach (double value in new[] { 0.05, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85 })
        {
            monitor.OnCompleted(RecordFactory.Make(winProbability: value, predictor: s_uniform));
        }

        WinProbabilityDrift drift = Assert.Single(monitor.Measure());

        Assert.Equal([0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0], drift.Actual);
        Assert.Equal(PopulationStabilityIndex.Compute([.1, .1, .1, .1, .1, .1, .1, .1, .1, .1], [.2, .1, .1, .1, .1, .1, .1, .1, .1, 0]), drift.Index, 6);
    }

    [Fact]
    public void Harder_prompts_drift_and_only_the_latest_count()
    {
        using var metrics = new MetricRecorder();
        var monitor = new WinProbabilityDriftMonitor(meterFactory: metrics.MeterFactory);
        Tell(monitor, random => Math.Sqrt(random.NextDouble()));

        WinProbabilityDrift drifted = Assert.Single(monitor.Measure());
        Assert.True(monitor.HasDrifted(drifted));
        Assert.Equal([drifted.Index], metrics.Observe(RoutingTelemetryNames.WinProbabilityDrift));

        Tell(monitor, random => random.NextDouble());
        Assert.False(monitor.HasDrifted(Assert.Single(monitor.Measure())));
    }

    [Fact]
    public void Few_requests_tell_of_no_drift()
    {
        var monitor = new WinProbabilityDriftMonitor();
        for (int i = 0; i < 199; i++)
        {
            monitor.OnCompleted(RecordFactory.Make(winProbability: 0.99, predictor: s_uniform));
        }

        Assert.False(monitor.HasDrifted(Assert.Single(monitor.Measure())));
        monitor.OnCompleted(RecordFactory.Make(winProbability: 0.99, predictor: s_uniform));
        Assert.True(monitor.HasDrifted(Assert.Single(monitor.Measure())));
    }

    [Fact]
    public void A_baseline_of_ones_own_comes_before_the_routers()
    {
        var options = new WinProbabilityDriftOptions();
        options.Baselines["fake"] = ScoreQuantiles.FromScores(Enumerable.Range(0, 1000).Select(static i => Math.Sqrt(i / 1000.0)));
        var monitor = new WinProbabilityDriftMonitor(options);

        Tell(monitor, random => Math.Sqrt(random.NextDouble()));

        Assert.False(monitor.HasDrifted(Assert.Single(monitor.Measure())));
    }

    [Fact]
    public void Scores_of_which_most_are_the_same_have_fewer_bands_and_do_not_drift_by_themselves()
    {
        // 70% are 0.2, the rest spread above.
        var lumpy = ScoreQuantiles.FromScores(Enumerable.Range(0, 1000).Select(static i => i < 700 ? 0.2 : i / 1000.0));
        var router = new FakeRouter((_, _) => new(0.5), lumpy);
        var monitor = new WinProbabilityDriftMonitor();
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            int place = random.Next(1000);
            monitor.OnCompleted(RecordFactory.Make(winProbability: place < 700 ? 0.2 : place / 1000.0, predictor: router));
        }

        WinProbabilityDrift drift = Assert.Single(monitor.Measure());

        Assert.Equal(0.7, drift.Expected[0], 2);
        Assert.InRange(drift.Index, 0, 0.02);
    }

    [Fact]
    public void Routers_without_quantiles_are_not_watched_and_one_that_is_replaced_starts_anew()
    {
        var monitor = new WinProbabilityDriftMonitor();
        monitor.OnCompleted(RecordFactory.Make(winProbability: 0.9, router: "bare", predictor: new FakeRouter(0.9)));
        monitor.OnCompleted(RecordFactory.Make(winProbability: 0.9, router: "good", predictor: s_uniform));
        monitor.OnCompleted(RecordFactory.Make(winProbability: 0.9, router: "good", predictor: new FakeRouter((_, _) => new(0.5), new ScoreQuantiles([0, 1]))));
        Assert.Equal(("good", 2), (Assert.Single(monitor.Measure()).Router, Assert.Single(monitor.Measure()).Count));

        monitor.OnCompleted(RecordFactory.Make(winProbability: 0.9, router: "good", predictor: new FakeRouter((_, _) => new(0.5), new ScoreQuantiles([0.5, 1]))));
        Assert.Equal(1, Assert.Single(monitor.Measure()).Count);
    }

    [Fact]
    public async Task The_health_check_turns_degraded_and_healthy_again()
    {
        await using ServiceProvider services = new ServiceCollection().AddLogging().AddRoutingDriftMonitor(options => options.Limit = 0.2).AddHealthChecks().AddRoutingDrift().Services.BuildServiceProvider();
        var health = services.GetRequiredService<HealthCheckService>();
        WinProbabilityDriftMonitor monitor = services.GetRequiredService<WinProbabilityDriftMonitor>();
        Assert.Same(monitor, Assert.Single(services.GetServices<IRoutingObserver>()));

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
        Tell(monitor, random => Math.Sqrt(random.NextDouble()));
        HealthReportEntry degraded = (await CheckAsync()).Entries["routing-drift"];
        Assert.Equal(HealthStatus.Degraded, degraded.Status);
        Assert.Contains("router 'fake'", degraded.Description, StringComparison.Ordinal);
        Assert.True((double)degraded.Data["fake"] > 0.2);
        Tell(monitor, random => random.NextDouble());
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);

        Task<HealthReport> CheckAsync() => health.CheckHealthAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Wrong_options_are_refused_with_what_to_change()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new WinProbabilityDriftMonitor(new() { Window = 0, MinimumCount = 5, Limit = double.NaN }));

        Assert.All(["Window is 0", "MinimumCount is 5", "Limit is NaN"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private static void Tell(WinProbabilityDriftMonitor monitor, Func<Random, double> next)
    {
        var random = new Random(42);
        for (int i = 0; i < 1000; i++)
        {
            monitor.OnCompleted(RecordFactory.Make(winProbability: next(random), predictor: s_uniform));
        }
    }
}
