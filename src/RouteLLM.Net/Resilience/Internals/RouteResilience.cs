using Polly;
using Polly.CircuitBreaker;
using Polly.Hedging;
using Polly.Retry;
using Polly.Timeout;

namespace RouteLLM.Internals;

/// <summary>The deployments of one route, which of them is called next, and the pipelines around its calls.</summary>
/// <remarks>
/// Around a route: the user's own pipeline, or Polly's retry with Polly's hedging in it. Around each call of a deployment: Polly's circuit breaker with Polly's time limit in it. Whether and when
/// to call again depends on what else can be called, so the retry asks the <see cref="RouteVisit"/>.
/// </remarks>
internal sealed class RouteResilience
{
    private readonly ResiliencePlan _plan;
    private readonly LoadBalancing _balancing;
    private DeploymentHealth _health = null!;

    public RouteResilience(ResiliencePlan plan, ModelRoute route, RouteResilienceOptions options)
    {
        _plan = plan;
        Route = route;
        _balancing = options.Balancing;
        MaxRetries = options.MaxRetries;
        RetryDelay = options.RetryDelay;
        MaxRetryDelay = options.MaxRetryDelay;
        AttemptTimeout = options.AttemptTimeout;
        FirstUpdateTimeout = options.FirstUpdateTimeout ?? options.AttemptTimeout;
        BreakDuration = options.CircuitBreaker?.BreakDuration;
        HasCooldown = options.Cooldown is not null;

        // Without cooldowns an open breaker still is one, of its own length.
        Cooldown = options.Cooldown is { } cooldown ? new(cooldown.Failures, cooldown.Period, cooldown.MaxPeriod, cooldown.Probes) : new(int.MaxValue, TimeSpan.Zero, TimeSpan.FromDays(1), 1);
        Slots = route.Deployments.Count == 0
            ? [MakeSlot(null, options)]
            : [.. route.Deployments.Select(deployment => MakeSlot(deployment, options))];
        OwnPipeline = options.Pipeline;
        Pipeline = OwnPipeline is null ? MakePipeline(options) : null;
    }

    public ModelRoute Route { get; }

    public IReadOnlyList<DeploymentSlot> Slots { get; }

    public int MaxRetries { get; }

    public TimeSpan RetryDelay { get; }

    public TimeSpan MaxRetryDelay { get; }

    public TimeSpan? AttemptTimeout { get; }

    public TimeSpan? FirstUpdateTimeout { get; }

    public TimeSpan? BreakDuration { get; }

    public bool HasCooldown { get; }

    public DeploymentState.Cooldown Cooldown { get; }

    /// <summary>Gets the user's own pipeline around the route's calls, or <see langword="null"/>.</summary>
    public ResiliencePipeline? OwnPipeline { get; }

    /// <summary>Gets the pipeline made from the options, or <see langword="null"/> if nothing is to be done around a call, or the user has a pipeline of his own.</summary>
    public ResiliencePipeline<CallAnswer>? Pipeline { get; }

    public void Bind(DeploymentHealth health)
    {
        _health = health;
        foreach (DeploymentSlot slot in Slots)
        {
            slot.State = health.Of(Route.Name, slot.Name);
        }
    }

    /// <summary>Chooses a deployment and begins a call there.</summary>
    /// <param name="tried">Those called before on behalf of the request: they come last.</param>
    /// <param name="pinned">The only one that may be called, or <see langword="null"/> for any.</param>
    /// <param name="streaming">Whether the call is streamed.</param>
    /// <param name="onlyUntried">Whether those called before are left out.</param>
    /// <returns>The lease of the deployment, or <see langword="null"/> if all that there are cool down.</returns>
    public DeploymentLease? TryAcquire(IReadOnlyList<DeploymentSlot> tried, string? pinned, bool streaming, bool onlyUntried = false)
    {
        lock (_health.Lock)
        {
            long now = _plan.TimeProvider.GetTimestamp();
            DeploymentSlot? chosen = Choose(now, slot => (pinned is null || slot.Name == pinned) && !tried.Contains(slot), streaming) ??
                (onlyUntried ? null : Choose(now, slot => pinned is null || slot.Name == pinned, streaming));
            if (chosen is null)
            {
                return null;
            }

            chosen.State.LastChosen = _health.NextChoice();
            return new DeploymentLease(this, chosen, chosen.State.Enter(), streaming, _plan, _health);
        }
    }

    /// <summary>Tells whether a deployment that has not been tried could be called now.</summary>
    public bool HasUntried(IReadOnlyList<DeploymentSlot> tried, string? pinned)
    {
        if (pinned is not null || Slots.Count == tried.Count)
        {
            return false;
        }

        lock (_health.Lock)
        {
            long now = _plan.TimeProvider.GetTimestamp();
            return Slots.Any(slot => !tried.Contains(slot) && slot.State.IsAvailable(now, Cooldown.Probes));
        }
    }

    /// <summary>Gives how long it takes until a deployment may be called.</summary>
    public TimeSpan TimeUntilAvailable(string? pinned)
    {
        lock (_health.Lock)
        {
            long now = _plan.TimeProvider.GetTimestamp();
            return Slots.Where(slot => pinned is null || slot.Name == pinned).Select(slot => slot.State.CoolingFor(now, _plan.TimeProvider)).DefaultIfEmpty().Min();
        }
    }

    /// <summary>Gives the pause before a retry. Half of it is left to chance, so that callers who failed together do not come back together.</summary>
    /// <param name="retries">The retries before.</param>
    public TimeSpan Backoff(int retries)
    {
        double seconds = Math.Min(RetryDelay.TotalSeconds * Math.Pow(2, Math.Min(retries, 30)), MaxRetryDelay.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (1 - _plan.NextRandom() / 2));
    }

    private DeploymentSlot? Choose(long now, Func<DeploymentSlot, bool> isCandidate, bool streaming)
    {
        DeploymentSlot? best = null;
        double bestCost = 0, total = 0;
        foreach (DeploymentSlot slot in Slots)
        {
            if (!isCandidate(slot) || !slot.State.IsAvailable(now, Cooldown.Probes))
            {
                continue;
            }

            total += slot.Weight;
            double cost = _balancing switch
            {
                LoadBalancing.Weighted => -(slot.State.Credit += slot.Weight),
                LoadBalancing.LeastBusy => slot.State.CallsUnderWay / slot.Weight,
                _ => slot.State.ExpectedLatency(streaming, now, _plan.TimeProvider) / slot.Weight,
            };
            if (best is null || cost < bestCost || (cost == bestCost && _balancing != LoadBalancing.Weighted && IsMoreIdle(slot.State, best.State)))
            {
                (best, bestCost) = (slot, cost);
            }
        }

        if (best is not null && _balancing == LoadBalancing.Weighted)
        {
            best.State.Credit -= total;
        }

        return best;
    }

    private static bool IsMoreIdle(DeploymentState one, DeploymentState other) =>
        one.CallsUnderWay != other.CallsUnderWay ? one.CallsUnderWay < other.CallsUnderWay : one.LastChosen < other.LastChosen;

    private DeploymentSlot MakeSlot(ModelDeployment? deployment, RouteResilienceOptions options)
    {
        CircuitBreakerStateProvider? breaker = options.CircuitBreaker is null ? null : new();
        return new(Route.Name, deployment?.Name ?? Route.Name, deployment?.Client ?? Route.Client, deployment?.Weight ?? 1, deployment)
        {
            Breaker = breaker,
            Pipeline = MakeCallPipeline(options, breaker),
        };
    }

    private ResiliencePipeline<CallAnswer>? MakeCallPipeline(RouteResilienceOptions options, CircuitBreakerStateProvider? breaker)
    {
        bool hasLimit = AttemptTimeout is not null || FirstUpdateTimeout is not null;
        if (breaker is null && !hasLimit)
        {
            return null;
        }

        var builder = new ResiliencePipelineBuilder<CallAnswer> { TimeProvider = _plan.TimeProvider };
        if (options.CircuitBreaker is { } circuit)
        {
            builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<CallAnswer>
            {
                FailureRatio = circuit.FailureRatio,
                MinimumThroughput = circuit.MinimumThroughput,
                SamplingDuration = circuit.SamplingDuration,
                BreakDuration = circuit.BreakDuration,
                StateProvider = breaker,
                ShouldHandle = arguments => new(arguments.Outcome.Exception is { } error && !arguments.Context.CancellationToken.IsCancellationRequested && _plan.IsTransient(error)),
            });
        }

        if (hasLimit)
        {
            builder.AddTimeout(new TimeoutStrategyOptions
            {
                TimeoutGenerator = arguments => new((RouteVisit.Of(arguments.Context).IsStreaming ? FirstUpdateTimeout : AttemptTimeout) ?? Timeout.InfiniteTimeSpan),
            });
        }

        return builder.Build();
    }

    private ResiliencePipeline<CallAnswer>? MakePipeline(RouteResilienceOptions options)
    {
        var builder = new ResiliencePipelineBuilder<CallAnswer> { TimeProvider = _plan.TimeProvider };
        bool any = false;
        if ((options.MaxRetries > 0 || Slots.Count > 1) && _plan.MaxAttempts > 1)
        {
            any = true;
            builder.AddRetry(new RetryStrategyOptions<CallAnswer>
            {
                // How often is up to the visit.
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = arguments => new(RouteVisit.Of(arguments.Context).ShouldRetry(arguments.Outcome.Exception)),
                DelayGenerator = arguments => new(RouteVisit.Of(arguments.Context).RetryDelay),
            });
        }

        if (options.HedgeDelay is { } delay && _plan.MaxAttempts > 1)
        {
            any = true;
            builder.AddHedging(new HedgingStrategyOptions<CallAnswer>
            {
                Delay = delay,
                MaxHedgedAttempts = 1,
                ShouldHandle = arguments => new(RouteVisit.Of(arguments.Context).ShouldAwaitHedge(arguments.Outcome.Exception)),
                ActionGenerator = arguments => RouteVisit.Of(arguments.PrimaryContext).MayHedge() ? () => arguments.Callback(arguments.ActionContext) : null,
            });
        }

        return any ? builder.Build() : null;
    }
}
