using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Chooses between a strong and a weak model: strong when the win probability is at least the threshold.</summary>
/// <remarks>
/// The other model is the fail-over target. What a request asks for (<see cref="RouteRequest.Overrides"/>: another threshold, share or router) comes before the
/// options. When there is no win probability, because the request has no text or the router fails or exceeds its time limit, the request goes to
/// <see cref="TwoModelRoutingOptions.RouterFallback"/>.
/// </remarks>
public sealed class ThresholdPolicy : IRoutingPolicy
{
    // Routers that complete without awaiting, as most do, leave the source clean for the next request of the thread.
    [ThreadStatic]
    private static CancellationTokenSource? t_cancellation;

    private readonly ModelRoute[] _strongFirst;
    private readonly ModelRoute[] _weakFirst;
    private readonly IRouter _router;
    private readonly string _routerName;
    private readonly double _threshold;
    private readonly double? _strongShare;
    private readonly RouterCalibration? _calibration;
    private readonly Func<RouteRequest, string?>? _group;
    private readonly TimeSpan _timeout;
    private readonly ModelRoute[] _fallback;
    private readonly TimeProvider _timeProvider;

    /// <summary>Initializes a new instance of the <see cref="ThresholdPolicy"/> class.</summary>
    /// <param name="strong">The strong route.</param>
    /// <param name="weak">The weak route.</param>
    /// <param name="router">The router to ask.</param>
    /// <param name="options">The threshold or share, the router's time limit and the fallback; read once.</param>
    /// <param name="routerName">The name to report, or <see langword="null"/> for the router's own.</param>
    /// <param name="timeProvider">The clock for the router's time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The options are not valid, a share is wanted of a router without score quantiles, or the calibration belongs to another router.</exception>
    public ThresholdPolicy(ModelRoute strong, ModelRoute weak, IRouter router, TwoModelRoutingOptions options, string? routerName = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(strong);
        ArgumentNullException.ThrowIfNull(weak);
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(options);
        if (string.Join(" ", options.FindErrors()) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, nameof(options));
        }

        _strongFirst = [strong, weak];
        _weakFirst = [weak, strong];
        _router = router;
        _routerName = routerName ?? NameOf(router);
        Routers = options.Routers ?? new RouterRegistry().Add(_routerName, router);
        _strongShare = options.StrongShare;
        _timeout = options.RouterTimeout;
        _fallback = options.RouterFallback == RouterFallback.Weak ? _weakFirst : _strongFirst;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _calibration = options.Calibration;
        _group = options.CalibrationGroup;
        if (_calibration?.FindMismatch(router) is { } mismatch)
        {
            throw new ArgumentException(mismatch, nameof(options));
        }

        _threshold = options.Threshold ?? _calibration?.Chosen.Threshold ?? ThresholdFor(router, _routerName, options.StrongShare!.Value);
    }

    /// <summary>Gets the threshold that requests without one of their own are compared with; groups of a calibration may have another.</summary>
    public double Threshold => _threshold;

    /// <summary>Gets the routers a request can ask for: those of the options, else the built-in one and this policy's own.</summary>
    internal IRouterRegistry Routers { get; }

    internal static string NameOf(IRouter router) => router.GetService<RouterMetadata>()?.Name ?? router.GetType().Name;

    /// <inheritdoc/>
    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.HasText)
        {
            return new(new RouteDecision(_fallback, RouteReasons.NoText));
        }

        double usual = _threshold;
        if (_calibration is { Groups.Count: > 0 })
        {
            try
            {
                usual = _calibration.ThresholdFor(request.Overrides?.Group ?? _group?.Invoke(request));
            }
            catch (Exception error)
            {
                return new(Fall(RouteReasons.RouterFailed, new(_router, _routerName, _threshold, request.Prompt), error));
            }
        }

        (IRouter router, string name, double threshold) = Apply(request.Overrides, usual);
        if (request.ThresholdShift != 0)
        {
            threshold = Math.Clamp(threshold + request.ThresholdShift, 0, 1);
        }

        if (_timeout == Timeout.InfiniteTimeSpan)
        {
            return Finish(Ask(router, request, cancellationToken), new(router, name, threshold, request.Prompt), cancellation: null, cancellationToken);
        }

        CancellationTokenSource cancellation = t_cancellation ?? new();
        t_cancellation = null;
        return Finish(Ask(router, request, cancellation.Token), new(router, name, threshold, request.Prompt), cancellation, cancellationToken);
    }

    private static ValueTask<double> Ask(IRouter router, RouteRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return router.PredictWinProbabilityAsync(request, cancellationToken);
        }
        catch (Exception error)
        {
            return ValueTask.FromException<double>(error);
        }
    }

    private ValueTask<RouteDecision> Finish(
        ValueTask<double> prediction, Question question, CancellationTokenSource? cancellation, CancellationToken callerToken)
    {
        if (!prediction.IsCompletedSuccessfully)
        {
            return FinishAsync(prediction, question, cancellation, callerToken);
        }

        if (cancellation is not null && cancellation.TryReset())
        {
            t_cancellation = cancellation;
        }

        return new(Decide(prediction.Result, question));
    }

    private async ValueTask<RouteDecision> FinishAsync(
        ValueTask<double> prediction, Question question, CancellationTokenSource? cancellation, CancellationToken callerToken)
    {
        Task<double> task = prediction.AsTask();
        try
        {
            return Decide(await task.WaitAsync(_timeout, _timeProvider, callerToken).ConfigureAwait(false), question);
        }
        catch (Exception error)
        {
            if (!task.IsCompleted)
            {
                // Abandoned: told to stop, but not waited for, since what it does on being told may take its time.
                TimeLimit.Observe(task);
                TimeLimit.Observe(cancellation?.CancelAsync() ?? Task.CompletedTask);
            }

            callerToken.ThrowIfCancellationRequested();
            bool timedOut = error is TimeoutException && !task.IsFaulted;
            return Fall(timedOut ? RouteReasons.RouterTimedOut : RouteReasons.RouterFailed, question, error);
        }
    }

    private RouteDecision Decide(double winProbability, in Question question) =>
        winProbability is >= 0 and <= 1
            ? new(winProbability >= question.Threshold ? _strongFirst : _weakFirst, RouteReasons.Threshold)
            {
                Router = question.RouterName,
                WinProbability = winProbability,
                Threshold = question.Threshold,
                Predictor = question.Router,
                Prompt = question.Prompt,
            }
            : Fall(RouteReasons.RouterFailed, question, new InvalidOperationException($"Router '{question.RouterName}' gave {winProbability}, which is no probability in [0, 1]."));

    private RouteDecision Fall(string reason, in Question question, Exception error) =>
        new(_fallback, reason) { Router = question.RouterName, Threshold = question.Threshold, RouterError = error };

    private (IRouter Router, string Name, double Threshold) Apply(RouteOverrides? overrides, double usual)
    {
        if (overrides is null)
        {
            return (_router, _routerName, usual);
        }

        IRouter router = _router;
        string name = _routerName;
        double? share = overrides.StrongShare;
        if (overrides.Router is { } wanted)
        {
            router = Routers.Find(wanted) ??
                throw new ArgumentException($"There is no router named '{wanted}'.");
            name = wanted;
            share ??= overrides.Threshold is null ? _strongShare : null;
            if (overrides.Threshold is null && share is null && _calibration?.FindMismatch(router) is { } mismatch)
            {
                throw new ArgumentException($"The request asks for the router '{name}' and for no threshold or share of its own. {mismatch}");
            }
        }

        return (router, name, overrides.Threshold ?? (share is { } value ? ThresholdFor(router, name, value) : usual));
    }

    internal static double ThresholdFor(IRouter router, string name, double share) =>
        router.GetService<ScoreQuantiles>() is { } quantiles
            ? quantiles.ThresholdForStrongShare(share)
            : throw new ArgumentException($"Router '{name}' knows no quantiles of its scores, so a StrongShare of {share} cannot be turned into a threshold; set a Threshold instead, such as 'routellm calibrate' finds for it.");

    /// <summary>What a router was asked, and what its answer is to be compared with.</summary>
    private readonly record struct Question(IRouter Router, string RouterName, double Threshold, string Prompt);
}
