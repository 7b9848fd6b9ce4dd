using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace RouteLLM.Diagnostics;

/// <summary>The instruments of one meter, shared by all clients that report to it.</summary>
/// <remarks>A meter keeps every observable instrument that was ever made on it: were they each client's own, a client made for each scope would leak one, and there would be a strong share for each.</remarks>
internal sealed class RoutingInstruments
{
    private static readonly Meter s_processMeter = new(RoutingTelemetryNames.Source);
    private static readonly ConditionalWeakTable<Meter, RoutingInstruments> s_byMeter = [];

    private readonly ConditionalWeakTable<ClusterDriftMonitor, string> _clusterDrifts = [];

    private RoutingInstruments(Meter meter)
    {
        Decisions = meter.CreateCounter<long>(RoutingTelemetryNames.Decisions, "{decision}", "Requests decided, by route, router and reason.");
        WinProbability = meter.CreateHistogram(RoutingTelemetryNames.WinProbability, "1", "Predicted probability that the strong model answers better.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.02, .05, .1, .15, .2, .25, .3, .4, .5, .6, .7, .8, .9, .95] });
        DecisionDuration = meter.CreateHistogram(RoutingTelemetryNames.DecisionDuration, "s", "Time a decision took.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, .01, .1, 1] });
        Failovers = meter.CreateCounter<long>(RoutingTelemetryNames.Failovers, "{failover}", "Requests passed on to another route after one failed.");
        Cooldowns = meter.CreateCounter<long>(RoutingTelemetryNames.Cooldowns, "{cooldown}", "Deployments left alone for a time after they failed.");
        Retries = meter.CreateCounter<long>(RoutingTelemetryNames.Retries, "{retry}", "Routes called again on behalf of one request.");
        RouterFailures = meter.CreateCounter<long>(RoutingTelemetryNames.RouterFailures, "{failure}", "Routers that failed or timed out.");
        meter.CreateObservableGauge(RoutingTelemetryNames.StrongShare, StrongShare.Observe, "1", "Share of the latest 1,000 decisions by a router that chose the first route.");
        meter.CreateObservableGauge(RoutingTelemetryNames.ClusterDrift, ObserveClusterDrift, "1", "Population stability index of the clusters of recent prompts against those of training.");
    }

    public Counter<long> Decisions { get; }

    public Histogram<double> WinProbability { get; }

    public Histogram<double> DecisionDuration { get; }

    public Counter<long> Failovers { get; }

    public Counter<long> Cooldowns { get; }

    public Counter<long> Retries { get; }

    public Counter<long> RouterFailures { get; }

    public StrongShareWindow StrongShare { get; } = new();

    /// <summary>Lets the drift gauge observe a monitor for as long as someone else holds it.</summary>
    public void Observe(ClusterDriftMonitor monitor, string router) => _clusterDrifts.Add(monitor, router);

    /// <summary>Gives the instruments of the factory's meter, or of the process's if there is no factory.</summary>
    public static RoutingInstruments Of(IMeterFactory? meterFactory) =>
        s_byMeter.GetValue(meterFactory?.Create(RoutingTelemetryNames.Source) ?? s_processMeter, static meter => new RoutingInstruments(meter));

    private IEnumerable<Measurement<double>> ObserveClusterDrift()
    {
        foreach ((ClusterDriftMonitor monitor, string router) in _clusterDrifts)
        {
            if (monitor.Measure() is { Count: > 0 } drift)
            {
                yield return new(drift.Index, new KeyValuePair<string, object?>(RoutingTelemetryNames.Router, router));
            }
        }
    }
}
