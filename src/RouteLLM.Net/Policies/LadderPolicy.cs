using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Chooses among any number of models by several thresholds of one win probability: the harder a request, the stronger the model.</summary>
/// <remarks>
/// <para>
/// A request goes to the first route, strongest first, whose threshold its win probability reaches, and to the last where it reaches none. Where that route fails, stronger ones are tried, nearest
/// first, then weaker ones: an answer is not to get worse before it has become dearer.
/// </para>
/// <para>
/// A threshold or a strong share of a request's own (<see cref="RouteRequest.Overrides"/>) is that of the strongest route; the lower thresholds are kept, but never above it. A <see cref="RouteRequest.ThresholdShift"/> moves all of
/// them. With two routes this is what <see cref="ThresholdPolicy"/> does.
/// </para>
/// </remarks>
public sealed class LadderPolicy : IRoutingPolicy
{
    private readonly ModelRoute[][] _orders;
    private readonly double[] _thresholds;
    private readonly IRouter _router;
    private readonly string _routerName;
    private readonly IRouterRegistry _routers;
    private readonly TimeSpan _timeout;
    private readonly ModelRoute[] _fallback;
    private readonly TimeProvider _timeProvider;

    /// <summary>Initializes a new instance of the <see cref="LadderPolicy"/> class.</summary>
    /// <param name="routes">The routes, strongest first; at least two.</param>
    /// <param name="thresholds">The win probability, in [0, 1], from which each route but the last takes a request; none may exceed the one before it.</param>
    /// <param name="router">The router to ask.</param>
    /// <param name="options">The time limit, the fallback and more, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="timeProvider">The clock for the router's time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">There are fewer than two routes, not one threshold less than routes, thresholds that are not in [0, 1] or not in order, or options that are not valid.</exception>
    public LadderPolicy(IEnumerable<ModelRoute> routes, IEnumerable<double> thresholds, IRouter router, LadderPolicyOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(thresholds);
        ArgumentNullException.ThrowIfNull(router);
        options ??= new();
        options.ThrowIfNotValid(nameof(options));
        ModelRoute[] all = [.. routes];
        _thresholds = [.. thresholds];
        if (all.Length < 2 || Array.IndexOf(all, null) >= 0)
        {
            throw new ArgumentException($"A ladder has at least two routes, none of them null; got {all.Length}.", nameof(routes));
        }

        if (_thresholds.Length != all.Length - 1)
        {
            throw new ArgumentException($"{all.Length} routes need {all.Length - 1} thresholds, one for each but the last; got {_thresholds.Length}.", nameof(thresholds));
        }

        for (int i = 0; i < _thresholds.Length; i++)
        {
            if (_thresholds[i] is not (>= 0 and <= 1) || (i > 0 && _thresholds[i] > _thresholds[i - 1]))
            {
                throw new ArgumentException($"The threshold of '{all[i].Name}' is {_thresholds[i]}, but thresholds lie in [0, 1] and do not rise from one route to the next weaker one: got {string.Join(", ", _thresholds)}.", nameof(thresholds));
            }
        }

        _orders = [.. Enumerable.Range(0, all.Length).Select(index => OrderFrom(all, index))];
        _router = router;
        _routerName = options.RouterName ?? ThresholdPolicy.NameOf(router);
        _routers = options.Routers ?? new RouterRegistry().Add(_routerName, router);
        _timeout = options.Timeout;
        _fallback = options.Fallback == RouterFallback.Weak ? _orders[^1] : _orders[0];
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Gets the thresholds, the strongest route's first.</summary>
    public IReadOnlyList<double> Thresholds => _thresholds.AsReadOnly();

    /// <summary>Makes a ladder from the share of requests that each route is to get; the router's own score quantiles turn shares into thresholds.</summary>
    /// <param name="routes">The routes, strongest first; at least two.</param>
    /// <param name="shares">The share of each route, in [0, 1]; together 1.</param>
    /// <param name="router">The router to ask.</param>
    /// <param name="options">The time limit, the fallback and more, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="timeProvider">The clock for the router's time limit, or <see langword="null"/> for the system's.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentException">As for the constructor; or there are not as many shares as routes, they do not add up to 1, or the router knows no quantiles of its scores.</exception>
    public static LadderPolicy FromShares(IEnumerable<ModelRoute> routes, IEnumerable<double> shares, IRouter router, LadderPolicyOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(router);
        ModelRoute[] all = [.. routes];
        double[] wanted = [.. shares];
        if (wanted.Length != all.Length || Array.Exists(wanted, static share => share is not (>= 0 and <= 1)) || Math.Abs(wanted.Sum() - 1) > 1e-6)
        {
            throw new ArgumentException($"{all.Length} routes need {all.Length} shares in [0, 1] that add up to 1; got {string.Join(", ", wanted)}.", nameof(shares));
        }

        double sum = 0;
        double[] thresholds = [.. wanted[..^1].Select(share => ThresholdPolicy.ThresholdFor(router, ThresholdPolicy.NameOf(router), Math.Min(sum += share, 1)))];
        return new(all, thresholds, router, options, timeProvider);
    }

    /// <inheritdoc/>
    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.HasText ? DecideByRouterAsync(request, cancellationToken) : new(new RouteDecision(_fallback, RouteReasons.NoText));
    }

    private async ValueTask<RouteDecision> DecideByRouterAsync(RouteRequest request, CancellationToken cancellationToken)
    {
        IRouter router = _router;
        string name = _routerName;
        if (request.Overrides?.Router is { } wanted)
        {
            router = _routers.Find(wanted) ?? throw new ArgumentException($"There is no router named '{wanted}'.");
            name = wanted;
        }

        double? top = request.Overrides?.Threshold ?? (request.Overrides?.StrongShare is { } share ? ThresholdPolicy.ThresholdFor(router, name, share) : null);
        (double winProbability, Exception? error, bool timedOut) = await TimeLimit
            .AskAsync(token => router.PredictWinProbabilityAsync(request, token), _timeout, _timeProvider, cancellationToken).ConfigureAwait(false);
        if (error is null && winProbability is not (>= 0 and <= 1))
        {
            error = new InvalidOperationException($"Router '{name}' gave {winProbability}, which is no probability in [0, 1].");
        }

        if (error is not null)
        {
            return new(_fallback, timedOut ? RouteReasons.RouterTimedOut : RouteReasons.RouterFailed) { Router = name, RouterError = error };
        }

        int rung = 0;
        while (rung < _thresholds.Length && winProbability < ThresholdOf(rung, top, request.ThresholdShift))
        {
            rung++;
        }

        return new(_orders[rung], RouteReasons.Threshold)
        {
            Router = name,
            WinProbability = winProbability,

            // The one that was reached; for the last route, the one that was not.
            Threshold = ThresholdOf(Math.Min(rung, _thresholds.Length - 1), top, request.ThresholdShift),
            Predictor = router,
            Prompt = request.Prompt,
        };
    }

    private double ThresholdOf(int rung, double? top, double shift)
    {
        double threshold = top is not { } value ? _thresholds[rung] : rung == 0 ? value : Math.Min(_thresholds[rung], value);
        return shift == 0 ? threshold : Math.Clamp(threshold + shift, 0, 1);
    }

    private static ModelRoute[] OrderFrom(ModelRoute[] routes, int index) => [routes[index], .. routes[..index].Reverse(), .. routes[(index + 1)..]];
}
