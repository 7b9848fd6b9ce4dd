using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace RouteLLM.Diagnostics;

/// <summary>The instruments of one meter, shared by all clients that report to it.</summary>
/// <remarks>A meter keeps every observable instrument that was ever made on it: were they each client's own, a client made for each scope would leak one, and there would be a strong share for each.</remarks>
internal sealed class RoutingInstruments
{
    private static readonly Meter s_processMeter = new(RoutingTelemetryNames.Source);
    private static readonly ConditionalWeakTable<Meter, RoutingInstruments> s_byMeter = [];

    private static readonly InstrumentAdvice<double> s_seconds = new() { HistogramBucketBoundaries = [.05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300] };

    private readonly ConditionalWeakTable<ClusterDriftMonitor, string> _clusterDrifts = [];
    private readonly ConditionalWeakTable<object, Func<IEnumerable<Measurement<double>>>> _winProbabilityDrifts = [];
    private readonly ConditionalWeakTable<CostLedger, object> _ledgers = [];
    private readonly ConditionalWeakTable<DeploymentHealth, object> _deployments = [];

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
        Requests = meter.CreateCounter<long>(RoutingTelemetryNames.Requests, "{request}", "Requests that are over, by route, status and tenant.");
        RequestDuration = meter.CreateHistogram(RoutingTelemetryNames.RequestDuration, "s", "Time from a request's coming to its last update.", advice: s_seconds);
        TimeToFirstUpdate = meter.CreateHistogram(RoutingTelemetryNames.TimeToFirstUpdate, "s", "Time from a request's coming to the response or its first streamed update.", advice: s_seconds);
        Tokens = meter.CreateCounter<long>(RoutingTelemetryNames.Tokens, "{token}", "Tokens used, by route, tenant and type.");
        Cost = meter.CreateCounter<double>(RoutingTelemetryNames.Cost, "USD", "What was spent, by route and tenant.");
        CostAlwaysStrong = meter.CreateCounter<double>(RoutingTelemetryNames.CostAlwaysStrong, "USD", "What the strongest route would have cost for the same tokens, by the route and tenant that they were used by.");
        Skips = meter.CreateCounter<long>(RoutingTelemetryNames.Skips, "{skip}", "Routes passed over, by route and cause.");
        ShadowDecisions = meter.CreateCounter<long>(RoutingTelemetryNames.ShadowDecisions, "{decision}", "Decisions that a shadow made as well, by shadow, route and the shadow's route.");
        ShadowCost = meter.CreateCounter<double>(RoutingTelemetryNames.ShadowCost, "USD", "What requests would have cost had a shadow decided.");
        ShadowActualCost = meter.CreateCounter<double>(RoutingTelemetryNames.ShadowActualCost, "USD", "What the requests that a shadow decided as well did cost.");
        ShadowMissed = meter.CreateCounter<long>(RoutingTelemetryNames.ShadowMissed, "{request}", "Requests that a shadow should have decided and did not.");
        Quality = meter.CreateHistogram(RoutingTelemetryNames.Quality, "1", "How good sampled answers were judged to be, by route and cluster.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95] });
        QualityMissed = meter.CreateCounter<long>(RoutingTelemetryNames.QualityMissed, "{answer}", "Sampled answers that were not judged, by cause.");
        LogWritten = meter.CreateCounter<long>(RoutingTelemetryNames.LogWritten, "{decision}", "Decisions written to decision logs.");
        LogDropped = meter.CreateCounter<long>(RoutingTelemetryNames.LogDropped, "{decision}", "Decisions that a decision log lost.");
        BudgetWarnings = meter.CreateCounter<long>(RoutingTelemetryNames.BudgetWarnings, "{warning}", "Budgets whose spent amount has passed the share at which to warn.");
        meter.CreateObservableGauge(RoutingTelemetryNames.BudgetUsed, ObserveBudgets, "1", "Share of a budget that is used.");
        meter.CreateObservableGauge(RoutingTelemetryNames.CoolingDeployments, ObserveDeployments, "{deployment}", "Whether a deployment is left alone: 1 or 0.");
        meter.CreateObservableGauge(RoutingTelemetryNames.WinProbabilityDrift, () => Observe(_winProbabilityDrifts), "1", "Population stability index of recent win probabilities against those of calibration.");
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

    public Counter<long> Requests { get; }

    public Histogram<double> RequestDuration { get; }

    public Histogram<double> TimeToFirstUpdate { get; }

    public Counter<long> Tokens { get; }

    public Counter<double> Cost { get; }

    public Counter<double> CostAlwaysStrong { get; }

    public Counter<long> Skips { get; }

    public Counter<long> ShadowDecisions { get; }

    public Counter<double> ShadowCost { get; }

    public Counter<double> ShadowActualCost { get; }

    public Counter<long> ShadowMissed { get; }

    public Histogram<double> Quality { get; }

    public Counter<long> QualityMissed { get; }

    public Counter<long> LogWritten { get; }

    public Counter<long> LogDropped { get; }

    public Counter<long> BudgetWarnings { get; }

    /// <summary>Gets a value indicating whether anyone listens to what is measured of a request that is over.</summary>
    public bool MeasuresRequests => Requests.Enabled || RequestDuration.Enabled || TimeToFirstUpdate.Enabled || Tokens.Enabled || Cost.Enabled || CostAlwaysStrong.Enabled || Skips.Enabled;

    public StrongShareWindow StrongShare { get; } = new();

    /// <summary>Lets the drift gauge observe a monitor for as long as someone else holds it.</summary>
    public void Observe(ClusterDriftMonitor monitor, string router) => _clusterDrifts.Add(monitor, router);

    /// <summary>Lets the gauge of win probability drift observe a monitor for as long as someone else holds it.</summary>
    public void ObserveDrift(object owner, Func<IEnumerable<Measurement<double>>> measure) => _winProbabilityDrifts.AddOrUpdate(owner, measure);

    /// <summary>Lets the gauge of budgets observe a ledger for as long as someone else holds it, and counts its warnings. Several clients may share one.</summary>
    public void Observe(CostLedger ledger)
    {
        if (_ledgers.TryAdd(ledger, this))
        {
            ledger.Balances.Warned += status => BudgetWarnings.Add(1, TagsOf(status.Budget, status.Tenant));
        }
    }

    /// <summary>Lets the gauge of deployments observe those of a client for as long as someone else holds them.</summary>
    public void Observe(DeploymentHealth deployments) => _deployments.TryAdd(deployments, this);

    /// <summary>Gives the instruments of the factory's meter, or of the process's if there is no factory.</summary>
    public static RoutingInstruments Of(IMeterFactory? meterFactory) =>
        s_byMeter.GetValue(meterFactory?.Create(RoutingTelemetryNames.Source) ?? s_processMeter, static meter => new RoutingInstruments(meter));

    private static IEnumerable<Measurement<double>> Observe(ConditionalWeakTable<object, Func<IEnumerable<Measurement<double>>>> sources) => sources.SelectMany(static source => source.Value());

    private static TagList TagsOf(string budget, string? tenant)
    {
        TagList tags = new() { { RoutingTelemetryNames.Budget, budget } };
        if (tenant is not null)
        {
            tags.Add(RoutingTelemetryNames.Tenant, tenant);
        }

        return tags;
    }

    // A budget for each user or route has many amounts, and one series: that of the amount most used.
    private IEnumerable<Measurement<double>> ObserveBudgets() =>
        _ledgers.SelectMany(static entry => entry.Key.BudgetStatuses)
            .GroupBy(static status => (status.Budget, status.Tenant), static status => status.UsedShare)
            .Select(static used => new Measurement<double>(used.Max(), TagsOf(used.Key.Budget, used.Key.Tenant)));

    // Several clients may have routes of one name.
    private IEnumerable<Measurement<long>> ObserveDeployments() =>
        _deployments.SelectMany(static entry => entry.Key.GetStatuses())
            .GroupBy(static status => (status.Route, status.Deployment), static status => status.CoolingFor > TimeSpan.Zero)
            .Select(static cooling => new Measurement<long>(cooling.Any(static isCooling => isCooling) ? 1 : 0, new(RoutingTelemetryNames.Route, cooling.Key.Route), new(RoutingTelemetryNames.Deployment, cooling.Key.Deployment)));

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
