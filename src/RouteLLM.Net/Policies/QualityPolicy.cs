using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>The base of policies that weigh the predicted quality of each route's answer against its expected cost.</summary>
/// <remarks>
/// The cost of an answer is that of the request's input tokens and the expected output tokens at the route's price. Thresholds, strong shares and routers that a request asks for are those of other policies and mean nothing here.
/// Without a prediction the routes are tried as they were given, strongest first, or weakest first as <see cref="PredictionPolicyOptions.Fallback"/> says. A policy of your own overrides <see cref="Rank"/>.
/// </remarks>
public abstract class QualityPolicy : IRoutingPolicy
{
    private readonly ModelRoute[] _routes;
    private readonly int[] _models;
    private readonly ModelRoute[] _fallback;
    private readonly IQualityPredictor _predictor;
    private readonly string _predictorName;
    private readonly string _reason;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _timeProvider;
    private readonly double _expectedOutputTokens;
    private readonly Func<ModelRoute, RouteRequest, double?>? _outputTokens;

    /// <summary>Initializes a new instance of the <see cref="QualityPolicy"/> class.</summary>
    /// <param name="routes">The routes, strongest first, each with a price in its profile; at least one.</param>
    /// <param name="predictor">Predicts the quality of each model's answer.</param>
    /// <param name="reason">The reason that decisions give.</param>
    /// <param name="options">The options; read once.</param>
    /// <param name="timeProvider">The clock for the predictor's time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">There are no routes, one has no price or is no model of the predictor, or the options are not valid.</exception>
    protected QualityPolicy(IEnumerable<ModelRoute> routes, IQualityPredictor predictor, string reason, QualityPolicyOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfNotValid(nameof(options));
        _routes = [.. routes];
        if (_routes.Length == 0)
        {
            throw new ArgumentException("At least one route is needed.", nameof(routes));
        }

        if (Array.Find(_routes, static route => route.Profile.Price is null) is { } priceless)
        {
            throw new ArgumentException($"The route {priceless} has no price, and this policy weighs costs: set Price in its Profile.", nameof(routes));
        }

        _predictor = predictor;
        _models = [.. _routes.Select(route => options.Aliases.Resolve(route, predictor.Models))];
        _fallback = options.Fallback == RouterFallback.Weak ? [.. _routes.Reverse()] : _routes;
        _predictorName = options.PredictorName ?? predictor.GetType().Name;
        _reason = reason;
        _timeout = options.Timeout;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _expectedOutputTokens = options.ExpectedOutputTokens;
        _outputTokens = options.OutputTokens;
    }

    /// <inheritdoc/>
    public async ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.HasText)
        {
            return new(_fallback, RouteReasons.NoText);
        }

        (IReadOnlyList<double>? qualities, Exception? error, bool timedOut) = await TimeLimit
            .AskAsync(token => _predictor.PredictQualitiesAsync(request, token), _timeout, _timeProvider, cancellationToken).ConfigureAwait(false);
        if (error is null && FindError(qualities) is { } wrong)
        {
            error = new InvalidOperationException($"The predictor '{_predictorName}' {wrong}.");
        }

        if (error is not null)
        {
            return new(_fallback, timedOut ? RouteReasons.RouterTimedOut : RouteReasons.RouterFailed) { Router = _predictorName, RouterError = error };
        }

        var estimates = new RouteEstimate[_routes.Length];
        for (int i = 0; i < estimates.Length; i++)
        {
            estimates[i] = new(_routes[i], qualities![_models[i]], CostOf(_routes[i], request));
        }

        Rank(request, estimates);
        return new(Array.ConvertAll(estimates, static estimate => estimate.Route), _reason) { Router = _predictorName, Estimates = estimates };
    }

    /// <summary>Puts the routes in the order in which they are to be tried, best first.</summary>
    /// <param name="request">The request.</param>
    /// <param name="estimates">What is expected of each route, strongest route first; to be sorted in place.</param>
    protected abstract void Rank(RouteRequest request, RouteEstimate[] estimates);

    /// <summary>Sorts estimates by a key, the highest first; those of equal keys stay in order.</summary>
    /// <param name="estimates">The estimates.</param>
    /// <param name="key">The key of an estimate.</param>
    private protected static void SortDescending<TState>(RouteEstimate[] estimates, TState state, Func<RouteEstimate, TState, (double, double)> key)
    {
        // Insertion sort: stable, and there are a handful of routes.
        for (int i = 1; i < estimates.Length; i++)
        {
            RouteEstimate moved = estimates[i];
            (double, double) value = key(moved, state);
            int place = i;
            for (; place > 0 && key(estimates[place - 1], state).CompareTo(value) < 0; place--)
            {
                estimates[place] = estimates[place - 1];
            }

            estimates[place] = moved;
        }
    }

    private string? FindError(IReadOnlyList<double>? qualities)
    {
        if (qualities is null || qualities.Count != _predictor.Models.Count)
        {
            return $"gave {qualities?.Count ?? 0} qualities for {_predictor.Models.Count} models";
        }

        foreach (int model in _models)
        {
            if (qualities[model] is not (>= 0 and <= 1))
            {
                return $"gave {qualities[model]} for '{_predictor.Models[model]}', which is no quality in [0, 1]";
            }
        }

        return null;
    }

    private decimal CostOf(ModelRoute route, RouteRequest request)
    {
        double expected = _outputTokens?.Invoke(route, request) ?? request.OutputTokens?.Learned(route.Name) ?? _expectedOutputTokens;
        if (request.Options?.MaxOutputTokens is { } most && expected > most)
        {
            expected = most;
        }

        // A learned number that is nonsense is not to stop a request.
        return route.Profile.Price!.CostOf(request.InputTokens, double.IsFinite(expected) ? (long)Math.Clamp(expected, 0, int.MaxValue) : (long)_expectedOutputTokens);
    }
}
