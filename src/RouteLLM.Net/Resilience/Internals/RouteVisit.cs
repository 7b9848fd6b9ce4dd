using Polly;

namespace RouteLLM.Internals;

/// <summary>One request at one route: which of its deployments were called, which calls are under way, and whether there is to be another.</summary>
internal sealed class RouteVisit(ResilientCall request, RouteResilience route, DeploymentLease first)
{
    private static readonly ResiliencePropertyKey<RouteVisit> s_key = new("routellm.visit");

    private readonly Lock _lock = new();
    private readonly List<DeploymentSlot> _tried = [];
    private readonly List<DeploymentCall> _underWay = [];
    private DeploymentLease? _first = first;
    private int _retries;
    private bool _isOver;

    public RouteResilience Route => route;

    public ResilientCall Request => request;

    public bool IsStreaming => request.IsStreaming;

    /// <summary>Gets a value indicating whether a call of this visit was recorded as failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Gets the error of the latest call that failed, or <see langword="null"/>.</summary>
    public Exception? LastError { get; private set; }

    /// <summary>Gets the pause before the retry that <see cref="ShouldRetry"/> wants.</summary>
    public TimeSpan RetryDelay { get; private set; }

    public static RouteVisit Of(ResilienceContext context) => context.Properties.GetValue(s_key, null!);

    public void Enter(ResilienceContext context) => context.Properties.Set(s_key, this);

    /// <summary>Gives back a deployment that was chosen and not called.</summary>
    public void Abandon() => Interlocked.Exchange(ref _first, null)?.Release();

    /// <summary>Begins a call: of the deployment chosen before the gates were asked, and later of another, or the same again.</summary>
    /// <returns>The call, or <see langword="null"/> if the request has made all the calls it may, or all deployments cool down.</returns>
    public DeploymentCall? Begin()
    {
        lock (_lock)
        {
            DeploymentLease? lease = Interlocked.Exchange(ref _first, null);
            if (_isOver || !request.TryCount())
            {
                lease?.Release();
                return null;
            }

            lease ??= route.TryAcquire(_tried, request.PinnedDeployment, IsStreaming);
            if (lease is null)
            {
                request.Uncount();
                return null;
            }

            if (!_tried.Contains(lease.Slot))
            {
                _tried.Add(lease.Slot);
            }

            var call = new DeploymentCall(this, lease);
            _underWay.Add(call);
            return call;
        }
    }

    /// <summary>Ends a call that failed.</summary>
    /// <param name="call">The call.</param>
    /// <param name="error">The failure.</param>
    /// <param name="isRecorded">Whether the call counts among the attempts: not if the caller cancelled it.</param>
    public void Fail(DeploymentCall call, Exception error, bool isRecorded)
    {
        lock (_lock)
        {
            if (!isRecorded)
            {
                // It stays among those under way: if another answers before the request notices that it is cancelled, this one was made all the same.
                return;
            }

            _underWay.Remove(call);
            if (!_isOver)
            {
                Record(call, error);
                LastError = error;
            }
        }
    }

    /// <summary>Ends a call that was not made after all, and does not count.</summary>
    public void Reject(DeploymentCall call, Exception error)
    {
        lock (_lock)
        {
            _underWay.Remove(call);
            LastError ??= error;
            request.Uncount();
        }
    }

    /// <summary>Ends the visit with an answer. Calls still under way have lost to it.</summary>
    /// <param name="answer">The answer.</param>
    public void Succeed(CallAnswer answer)
    {
        lock (_lock)
        {
            _isOver = true;
            _underWay.Remove(answer.Call);
            RecordUnderWay("Another call of the route was answered first.");
        }
    }

    /// <summary>Ends the visit without an answer: calls that were given up and have not ended yet count too.</summary>
    public void GiveUp()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _isOver = true;
                RecordUnderWay("The call was given up.");
            }
        }
    }

    /// <summary>Tells whether the route is to be called again after a failure, and sets the pause before that.</summary>
    public bool ShouldRetry(Exception? error)
    {
        if (error is null || request.IsOver || !request.HasCallsLeft || !request.Plan.IsTransient(error))
        {
            return false;
        }

        if (route.HasUntried(_tried, request.PinnedDeployment))
        {
            RetryDelay = TimeSpan.Zero;
            request.Telemetry.Retrying(route.Route, error, RetryDelay, request.RoutingPlan);
            return true;
        }

        if (_retries >= route.MaxRetries || !request.HasCallsToRepeat(route.Route))
        {
            return false;
        }

        TimeSpan pause = Longest(route.Backoff(_retries), request.Plan.RetryAfter(error) ?? TimeSpan.Zero, route.TimeUntilAvailable(request.PinnedDeployment));
        if (pause > route.MaxRetryDelay || pause >= request.TimeLeft)
        {
            return false;
        }

        _retries++;
        RetryDelay = pause;
        request.Telemetry.Retrying(route.Route, error, pause, request.RoutingPlan);
        return true;
    }

    /// <summary>Tells whether a hedge may be sent: only beside a call that is under way. After one that failed it is for the retry to wait.</summary>
    public bool MayHedge()
    {
        lock (_lock)
        {
            return !_isOver && _underWay.Count > 0 && request.HasCallsLeft && route.TimeUntilAvailable(request.PinnedDeployment) == TimeSpan.Zero;
        }
    }

    /// <summary>Tells whether, after a failure, another call under way may still give the answer.</summary>
    public bool ShouldAwaitHedge(Exception? error) => error is not null && !request.IsOver && (request.Plan.IsTransient(error) || error is NoRouteAvailableException);

    private static TimeSpan Longest(TimeSpan one, TimeSpan two, TimeSpan three) => one >= two ? (one >= three ? one : three) : (two >= three ? two : three);

    private void RecordUnderWay(string why)
    {
        foreach (DeploymentCall call in _underWay)
        {
            Record(call, new OperationCanceledException(why));
        }

        _underWay.Clear();
    }

    private void Record(DeploymentCall call, Exception error)
    {
        HasFailed = true;
        request.Record(call.ToAttempt(error));
    }
}
