using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RouteLLM.Internals;

namespace RouteLLM.Diagnostics;

/// <summary>What a client tells of its routing: spans, metrics and log messages.</summary>
internal sealed class RoutingTelemetry
{
    private static readonly ActivitySource s_activitySource = new(RoutingTelemetryNames.Source);
    private static readonly Meter s_meter = new(RoutingTelemetryNames.Source);

    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _winProbability;
    private readonly Histogram<double> _decisionDuration;
    private readonly Counter<long> _failovers;
    private readonly Counter<long> _routerFailures;
    private readonly StrongShareWindow _strongShare = new();

    public RoutingTelemetry(ILoggerFactory? loggerFactory, IMeterFactory? meterFactory)
    {
        Logger = loggerFactory?.CreateLogger(typeof(RoutedChatClient)) ?? NullLogger.Instance;
        Meter meter = meterFactory?.Create(RoutingTelemetryNames.Source) ?? s_meter;
        _decisions = meter.CreateCounter<long>(RoutingTelemetryNames.Decisions, "{decision}", "Requests decided, by route, router and reason.");
        _winProbability = meter.CreateHistogram(RoutingTelemetryNames.WinProbability, "1", "Predicted probability that the strong model answers better.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.02, .05, .1, .15, .2, .25, .3, .4, .5, .6, .7, .8, .9, .95] });
        _decisionDuration = meter.CreateHistogram(RoutingTelemetryNames.DecisionDuration, "s", "Time a decision took.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, .01, .1, 1] });
        _failovers = meter.CreateCounter<long>(RoutingTelemetryNames.Failovers, "{failover}", "Requests passed on to another route after one failed.");
        _routerFailures = meter.CreateCounter<long>(RoutingTelemetryNames.RouterFailures, "{failure}", "Routers that failed or timed out.");
        meter.CreateObservableGauge(RoutingTelemetryNames.StrongShare, _strongShare.Observe, "1", "Share of the latest 1,000 thresholded decisions that chose the first route.");
    }

    public ILogger Logger { get; }

    public static Activity? Start() => s_activitySource.HasListeners() ? s_activitySource.StartActivity(RoutingTelemetryNames.Activity) : null;

    public void Decided(Activity? activity, RouteRequest request, RouteDecision decision, TimeSpan duration, RoutingPlan plan)
    {
        ModelRoute route = decision.Routes[0];
        if (_decisions.Enabled)
        {
            _decisions.Add(1, new(RoutingTelemetryNames.Route, route.Name), new(RoutingTelemetryNames.Router, decision.Router), new(RoutingTelemetryNames.Reason, decision.Reason));
        }

        if (_decisionDuration.Enabled)
        {
            _decisionDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(RoutingTelemetryNames.Router, decision.Router));
        }

        if (decision.WinProbability is { } winProbability)
        {
            if (_winProbability.Enabled)
            {
                _winProbability.Record(winProbability, new KeyValuePair<string, object?>(RoutingTelemetryNames.Router, decision.Router));
            }

            _strongShare.Add(ReferenceEquals(route, plan.Routes[0]));
        }

        if (activity is not null)
        {
            activity.SetTag(RoutingTelemetryNames.Route, route.Name);
            activity.SetTag(RoutingTelemetryNames.Router, decision.Router);
            activity.SetTag(RoutingTelemetryNames.Reason, decision.Reason);
            activity.SetTag(RoutingTelemetryNames.WinProbability, decision.WinProbability);
            activity.SetTag(RoutingTelemetryNames.Threshold, decision.Threshold);
            activity.SetTag(RoutingTelemetryNames.QueryLength, request.Prompt.Length);
            if (plan.EnableSensitiveData)
            {
                activity.SetTag(RoutingTelemetryNames.Query, request.Prompt);
            }
        }

        if (decision.Reason is RouteReasons.RouterFailed or RouteReasons.RouterTimedOut)
        {
            _routerFailures.Add(1, new(RoutingTelemetryNames.Router, decision.Router), new(RoutingTelemetryNames.Reason, decision.Reason));
            Logger.RouterFailed(decision.RouterError, decision.Router, decision.Reason, route.Name);
        }

        if (Logger.IsEnabled(LogLevel.Debug))
        {
            Logger.Decided(route.Name, decision.Reason, decision.Router, decision.WinProbability, decision.Threshold, request.Prompt.Length);
            if (plan.EnableSensitiveData)
            {
                Logger.DecidedSensitive(route.Name, decision.Reason, decision.Router, decision.WinProbability, decision.Threshold, request.Prompt);
            }
        }
    }

    public void FailedOver(Activity? activity, ModelRoute from, ModelRoute to, Exception error)
    {
        string errorType = error.GetType().FullName!;
        _failovers.Add(1, new(RoutingTelemetryNames.Route, from.Name), new(RoutingTelemetryNames.NextRoute, to.Name), new("error.type", errorType));
        activity?.AddEvent(new ActivityEvent(RoutingTelemetryNames.FailoverEvent, tags: new ActivityTagsCollection
        {
            [RoutingTelemetryNames.Route] = from.Name,
            [RoutingTelemetryNames.NextRoute] = to.Name,
            ["error.type"] = errorType,
        }));
        Logger.FailedOver(error, from.Name, errorType, to.Name);
    }

    public void Failed(Activity? activity, ModelRoute route, Exception error)
    {
        string errorType = error.GetType().FullName!;
        activity?.SetTag("error.type", errorType);
        activity?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
        Logger.Failed(error, route.Name, errorType);
    }

    /// <summary>The share of strong decisions among the latest, kept without a lock in a ring.</summary>
    private sealed class StrongShareWindow
    {
        private readonly sbyte[] _ring = new sbyte[1000];
        private int _next = -1;
        private int _count;
        private int _strong;

        public void Add(bool strong)
        {
            int slot = (int)((uint)Interlocked.Increment(ref _next) % (uint)_ring.Length);

            // 0 is empty, 1 strong, -1 weak.
            sbyte before = Interlocked.Exchange(ref _ring[slot], strong ? (sbyte)1 : (sbyte)-1);
            if (before == 0)
            {
                Interlocked.Increment(ref _count);
            }

            int change = (strong ? 1 : 0) - (before == 1 ? 1 : 0);
            if (change != 0)
            {
                Interlocked.Add(ref _strong, change);
            }
        }

        public IEnumerable<Measurement<double>> Observe()
        {
            int count = Volatile.Read(ref _count);
            return count == 0 ? [] : [new((double)Volatile.Read(ref _strong) / count)];
        }
    }
}
