using System.Diagnostics;
using Microsoft.Extensions.AI;
using Polly;
using Polly.CircuitBreaker;
using RouteLLM.Diagnostics;

namespace RouteLLM.Internals;

/// <summary>One request on its way through routes that may be called more than once: its calls, counted, and its time.</summary>
internal sealed class ResilientCall(RoutingPlan routingPlan, RouteRequest request, RouteDecision decision, long started, Activity? activity, RoutingTelemetry telemetry) : IDisposable
{
    private const string CoolingCause = "cooldown";

    private readonly Lock _lock = new();
    private readonly List<RouteAttempt> _failed = [];
    private RouteVisit? _visit;
    private CancellationTokenSource? _time;
    private CancellationTokenSource? _linked;
    private CancellationToken _callerToken;
    private CancellationToken _token;
    private int _calls;
    private int _waits;
    private bool _isStarted;

    public RoutingPlan RoutingPlan => routingPlan;

    public ResiliencePlan Plan => routingPlan.Resilience!;

    public RoutingTelemetry Telemetry => telemetry;

    public Activity? Activity => activity;

    public bool IsStreaming => request.IsStreaming;

    public IReadOnlyList<ChatMessage> Messages => request.Messages;

    public ChatOptions? Options => request.Options;

    /// <summary>Gets the deployment that made the provider-side state the request carries, or <see langword="null"/>.</summary>
    public string? PinnedDeployment => decision.PinnedDeployment;

    /// <summary>Gets the token of the caller and of the time for the whole request.</summary>
    public CancellationToken CancellationToken => _token;

    public bool IsCancelled => _callerToken.IsCancellationRequested;

    public bool IsTimedOut => _time is { IsCancellationRequested: true };

    public bool IsOver => IsCancelled || IsTimedOut;

    public bool HasCallsLeft => Volatile.Read(ref _calls) < Plan.MaxAttempts;

    /// <summary>Tells whether a route may be called again with a call left for the route after it: what a retry would use up may be all that a fail-over has.</summary>
    public bool HasCallsToRepeat(ModelRoute route) =>
        Volatile.Read(ref _calls) < Plan.MaxAttempts - (routingPlan.FailOver && !ReferenceEquals(route, decision.Routes[^1]) ? 1 : 0);

    /// <summary>Gets the number of calls made so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public TimeSpan TimeLeft => Plan.TotalTimeout is { } total ? total - Plan.TimeProvider.GetElapsedTime(started) : TimeSpan.MaxValue;

    /// <summary>Gets the deployment that answered or is called, or <see langword="null"/> if its route has none.</summary>
    public DeploymentSlot? Slot { get; private set; }

    /// <summary>Gets a value indicating whether a call of the route visited last was recorded as failed.</summary>
    public bool HasFailedAtRoute => _visit is { HasFailed: true };

    /// <summary>Chooses a deployment of a route, to be called when the gates admit that.</summary>
    /// <param name="route">The route.</param>
    /// <param name="callerToken">The caller's token.</param>
    /// <returns>Why the route is passed over, or <see langword="null"/> if it is not.</returns>
    public RouteSkip? Enter(ModelRoute route, CancellationToken callerToken)
    {
        Start(callerToken);
        _visit = null;

        RouteResilience resilience = Plan.Find(route) ?? throw new InvalidOperationException($"A policy chose the route '{route.Name}', which is not one of the client's: policies are to choose among the routes that they were given.");
        if (resilience.TryAcquire([], PinnedDeployment, IsStreaming) is not { } lease)
        {
            return Describe(resilience);
        }

        _visit = new(this, resilience, lease);
        return null;
    }

    /// <summary>Waits for the first of the routes that cool down to be available again, if it is no longer than a retry may wait.</summary>
    /// <param name="skips">The routes passed over so far. Those that cool down are taken out if it is to be tried again.</param>
    /// <returns>Whether to try again.</returns>
    public async ValueTask<bool> TryWaitAsync(List<RouteSkip> skips)
    {
        if (skips.FindAll(static skip => skip.Cause == CoolingCause).MinBy(static skip => skip.RetryAfter) is not { } first)
        {
            return false;
        }

        RouteResilience route = Plan.Find(routingPlan.FindRoute(first.Route)!)!;
        TimeSpan pause = first.RetryAfter.GetValueOrDefault() + route.Backoff(_waits);
        if (_waits >= route.MaxRetries || !HasCallsLeft || first.RetryAfter > route.MaxRetryDelay || pause >= TimeLeft)
        {
            return false;
        }

        _waits++;
        telemetry.Logger.Waiting(first.Route, pause);
        await Task.Delay(pause, Plan.TimeProvider, _callerToken).ConfigureAwait(false);
        skips.RemoveAll(static skip => skip.Cause == CoolingCause);
        return true;
    }

    /// <summary>Leaves a route whose gates refused.</summary>
    public void Leave() => _visit?.Abandon();

    public async ValueTask<ChatResponse> GetResponseAsync() => (await AskAsync().ConfigureAwait(false)).Response!;

    public async ValueTask<IAsyncEnumerator<ChatResponseUpdate>> OpenStreamAsync() => (await AskAsync().ConfigureAwait(false)).Stream!;

    /// <summary>Counts a call that is about to be made.</summary>
    /// <returns>Whether it may be made.</returns>
    public bool TryCount()
    {
        if (Interlocked.Increment(ref _calls) <= Plan.MaxAttempts)
        {
            return true;
        }

        Uncount();
        return false;
    }

    public void Uncount() => Interlocked.Decrement(ref _calls);

    public void Record(RouteAttempt attempt)
    {
        lock (_lock)
        {
            _failed.Add(attempt);
        }
    }

    /// <summary>Gives the calls that failed, in the order in which they did.</summary>
    public RouteAttempt[] GetFailed()
    {
        lock (_lock)
        {
            return [.. _failed];
        }
    }

    /// <summary>Says why no deployment of a route can be called.</summary>
    public RouteSkip Describe(RouteResilience route)
    {
        TimeSpan wait = route.TimeUntilAvailable(PinnedDeployment);
        return new(route.Route.Name, CoolingCause, wait > TimeSpan.Zero ? $"it failed, and is left alone for {wait.TotalSeconds:0.#} s more" : "it failed, and is being probed by another request") { RetryAfter = wait };
    }

    public TimeoutException MakeTimeout(Exception cause) =>
        new($"The request was not answered in full within {Plan.TotalTimeout} ({nameof(RoutedChatClientOptions.Resilience)}.{nameof(ResilienceOptions.TotalTimeout)}), in {Calls} calls.", cause);

    /// <summary>Ends the request.</summary>
    public void Dispose()
    {
        _visit?.Abandon();
        _linked?.Dispose();
        _time?.Dispose();
    }

    private void Start(CancellationToken callerToken)
    {
        if (_isStarted)
        {
            return;
        }

        _isStarted = true;
        _token = _callerToken = callerToken;
        if (Plan.TotalTimeout is not null)
        {
            TimeSpan left = TimeLeft;
            _time = new(left > TimeSpan.Zero ? left : TimeSpan.Zero, Plan.TimeProvider);
            _linked = CancellationTokenSource.CreateLinkedTokenSource(callerToken, _time.Token);
            _token = _linked.Token;
        }
    }

    private async ValueTask<CallAnswer> AskAsync()
    {
        RouteVisit visit = _visit!;
        ResilienceContext context = ResilienceContextPool.Shared.Get(CancellationToken);
        try
        {
            visit.Enter(context);
            Outcome<CallAnswer> outcome = visit.Route switch
            {
                { OwnPipeline: { } own } => await own.ExecuteOutcomeAsync(DeploymentCall.MakeAsync, context, visit).ConfigureAwait(false),
                { Pipeline: { } pipeline } => await pipeline.ExecuteOutcomeAsync(DeploymentCall.MakeAsync, context, visit).ConfigureAwait(false),
                _ => await DeploymentCall.MakeAsync(context, visit).ConfigureAwait(false),
            };
            if (outcome.Exception is { } error && IsTimedOut && !IsCancelled && error is OperationCanceledException)
            {
                throw MakeTimeout(error);
            }

            if (outcome.Exception is BrokenCircuitException && !visit.HasFailed)
            {
                // No call was made: the breaker opened, or lets another request probe, since the route was chosen. That is a route passed over, and no failure of this request's.
                throw new NoRouteAvailableException([Describe(visit.Route)]);
            }

            outcome.ThrowIfException();
            CallAnswer answer = outcome.Result!;
            visit.Succeed(answer);
            Slot = answer.Call.Slot;
            return answer;
        }
        finally
        {
            // The pipeline may have given up before it made a single call.
            visit.Abandon();
            if (!IsCancelled)
            {
                visit.GiveUp();
            }

            ResilienceContextPool.Shared.Return(context);
        }
    }
}
