using System.ClientModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RouteLLM.Internals;

namespace RouteLLM.Diagnostics;

/// <summary>What a client tells of its routing: spans, metrics and log messages.</summary>
internal sealed class RoutingTelemetry
{
    private static readonly ActivitySource s_activitySource = new(RoutingTelemetryNames.Source);

    private readonly RoutingInstruments _instruments;

    public RoutingTelemetry(ILoggerFactory? loggerFactory, IMeterFactory? meterFactory)
    {
        Logger = loggerFactory?.CreateLogger(typeof(RoutedChatClient)) ?? NullLogger.Instance;
        _instruments = RoutingInstruments.Of(meterFactory);
    }

    public ILogger Logger { get; }

    /// <summary>Has the gauges show the budgets and deployments of a plan that is taken up.</summary>
    public void Observe(RoutingPlan plan)
    {
        if (plan.Ledger is { } ledger)
        {
            _instruments.Observe(ledger);
        }

        if (plan.Resilience is not null)
        {
            _instruments.Observe(plan.Health);
        }
    }

    public static Activity? Start() => s_activitySource.HasListeners() ? s_activitySource.StartActivity(RoutingTelemetryNames.Activity) : null;

    public void Decided(Activity? activity, RouteRequest request, RouteDecision decision, TimeSpan duration, RoutingPlan plan)
    {
        ModelRoute route = decision.Routes[0];
        if (_instruments.Decisions.Enabled)
        {
            _instruments.Decisions.Add(1, new(RoutingTelemetryNames.Route, route.Name), new(RoutingTelemetryNames.Router, decision.Router), new(RoutingTelemetryNames.Reason, decision.Reason));
        }

        if (_instruments.DecisionDuration.Enabled)
        {
            _instruments.DecisionDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(RoutingTelemetryNames.Router, decision.Router));
        }

        if (decision.WinProbability is { } winProbability)
        {
            if (_instruments.WinProbability.Enabled)
            {
                _instruments.WinProbability.Record(winProbability, new KeyValuePair<string, object?>(RoutingTelemetryNames.Router, decision.Router));
            }

            _instruments.StrongShare.Add(ReferenceEquals(route, plan.Routes[0]));
        }

        if (activity is not null)
        {
            activity.SetTag(RoutingTelemetryNames.Route, route.Name);
            activity.SetTag(RoutingTelemetryNames.Router, decision.Router);
            activity.SetTag(RoutingTelemetryNames.Reason, decision.Reason);
            activity.SetTag(RoutingTelemetryNames.WinProbability, decision.WinProbability);
            activity.SetTag(RoutingTelemetryNames.Threshold, decision.Threshold);
            activity.SetTag(RoutingTelemetryNames.QueryLength, request.Prompt.Length);
            if (request.Cluster is { } cluster)
            {
                activity.SetTag(RoutingTelemetryNames.Cluster, cluster);
            }

            if (plan.EnableSensitiveData)
            {
                activity.SetTag(RoutingTelemetryNames.Query, request.Prompt);
            }
        }

        if (decision.Reason is RouteReasons.RouterFailed or RouteReasons.RouterTimedOut)
        {
            _instruments.RouterFailures.Add(1, new(RoutingTelemetryNames.Router, decision.Router), new(RoutingTelemetryNames.Reason, decision.Reason));
            Logger.RouterFailed(Loggable(decision.RouterError, plan), decision.Router, decision.Reason, Describe(decision.RouterError), route.Name);
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

    /// <summary>Tells of a call that ended before there was a decision: wrong options, a policy that throws, or the caller's cancellation.</summary>
    public void Undecided(Activity? activity, Exception error, CancellationToken cancellationToken)
    {
        _instruments.Requests.Add(1, new KeyValuePair<string, object?>(RoutingTelemetryNames.Status, cancellationToken.IsCancellationRequested ? StatusNames.Of(RouteAttemptStatus.Cancelled) : StatusNames.Undecided));
        if (cancellationToken.IsCancellationRequested)
        {
            Cancelled(activity);
        }
        else
        {
            Mark(activity, error);
        }
    }

    /// <summary>Gets a value indicating whether anyone listens to what <see cref="Completed"/> tells.</summary>
    /// <param name="activity">The call's span.</param>
    public bool WantsCompleted(Activity? activity) => activity is not null || _instruments.MeasuresRequests;

    /// <summary>Tells of a request that is over.</summary>
    public void Completed(Activity? activity, RouteRecord record)
    {
        if (_instruments.MeasuresRequests)
        {
            RequestMeasures.Record(_instruments, record);
        }

        if (activity is not null)
        {
            RequestMeasures.Tag(activity, record);
        }
    }

    public static void Cancelled(Activity? activity) => activity?.SetStatus(ActivityStatusCode.Error, "cancelled");

    public void FailedOver(Activity? activity, ModelRoute from, ModelRoute to, Exception error, RoutingPlan plan)
    {
        string errorType = error.GetType().FullName!;
        _instruments.Failovers.Add(1, new(RoutingTelemetryNames.Route, from.Name), new(RoutingTelemetryNames.NextRoute, to.Name), new("error.type", errorType));
        activity?.AddEvent(new ActivityEvent(RoutingTelemetryNames.FailoverEvent, tags: new ActivityTagsCollection
        {
            [RoutingTelemetryNames.Route] = from.Name,
            [RoutingTelemetryNames.NextRoute] = to.Name,
            ["error.type"] = errorType,
        }));
        Logger.FailedOver(Loggable(error, plan), from.Name, Describe(error), to.Name);
    }

    /// <summary>Tells of a request whose routes are all taken away: by cooldowns, budgets or other gates.</summary>
    public void Refused(Activity? activity, Exception error, RoutingPlan plan)
    {
        Mark(activity, error);
        Logger.NoRoute(Loggable(error, plan), Describe(error));
    }

    public void Failed(Activity? activity, ModelRoute route, Exception error, RoutingPlan plan)
    {
        Mark(activity, error);
        Logger.Failed(Loggable(error, plan), route.Name, Describe(error));
    }

    public void CooledDown(Activity? activity, ModelRoute route, string deployment, TimeSpan period, Exception error, RoutingPlan plan)
    {
        string errorType = error.GetType().FullName!;
        _instruments.Cooldowns.Add(1, new(RoutingTelemetryNames.Route, route.Name), new(RoutingTelemetryNames.Deployment, deployment), new("error.type", errorType));
        activity?.AddEvent(new ActivityEvent(RoutingTelemetryNames.CooldownEvent, tags: new ActivityTagsCollection
        {
            [RoutingTelemetryNames.Route] = route.Name,
            [RoutingTelemetryNames.Deployment] = deployment,
            ["error.type"] = errorType,
        }));
        Logger.CooledDown(Loggable(error, plan), route.Name, deployment, period, Describe(error));
    }

    public void Retrying(ModelRoute route, Exception error, TimeSpan pause, RoutingPlan plan)
    {
        _instruments.Retries.Add(1, new(RoutingTelemetryNames.Route, route.Name), new("error.type", error.GetType().FullName));
        if (Logger.IsEnabled(LogLevel.Information))
        {
            Logger.Retrying(Loggable(error, plan), route.Name, pause, Describe(error));
        }
    }

    public void ObserverFailed(IRoutingObserver observer, Exception error, RoutingPlan plan) =>
        Logger.ObserverFailed(Loggable(error, plan), observer.GetType().Name, Describe(error));

    public void GateFailed(ModelRoute route, Exception error, RoutingPlan plan) => Logger.GateFailed(Loggable(error, plan), route.Name, Describe(error));

    private static void Mark(Activity? activity, Exception error)
    {
        activity?.SetTag("error.type", error.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error, error.GetType().Name);
    }

    // Messages of errors may quote the prompt.
    private static Exception? Loggable(Exception? error, RoutingPlan plan) => plan.EnableSensitiveData ? error : null;

    [return: NotNullIfNotNull(nameof(error))]
    private static string? Describe(Exception? error)
    {
        int? status = error switch
        {
            HttpRequestException http => (int?)http.StatusCode,
            ClientResultException { Status: > 0 } result => result.Status,
            _ => null,
        };
        return status is null ? error?.GetType().FullName : $"{error!.GetType().FullName} ({status})";
    }
}
