namespace RouteLLM;

/// <summary>The plan for one request: the routes to try, in order, and what led to it.</summary>
public sealed class RouteDecision
{
    // NaN for none: one of these is made for every request, and a nullable double takes twice the room.
    private readonly double _winProbability = double.NaN;
    private readonly double _threshold = double.NaN;

    // What a plain decision has none of, apart for the same reason.
    private readonly Details? _details;

    /// <summary>Initializes a new instance of the <see cref="RouteDecision"/> class.</summary>
    /// <param name="routes">The routes to try, best first; those after the first are fail-over targets. At least one.</param>
    /// <param name="reason">Why; one of <see cref="RouteReasons"/> or a policy's own short word.</param>
    /// <exception cref="ArgumentException"><paramref name="routes"/> or <paramref name="reason"/> is empty.</exception>
    public RouteDecision(IReadOnlyList<ModelRoute> routes, string reason)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        if (routes.Count == 0)
        {
            throw new ArgumentException("A decision needs at least one route to try.", nameof(routes));
        }

        Routes = routes;
        Reason = reason;
    }

    private RouteDecision(RouteDecision original, IReadOnlyList<ModelRoute> routes, string reason, Details? details)
        : this(routes, reason)
    {
        Router = original.Router;
        _winProbability = original._winProbability;
        _threshold = original._threshold;
        RouterError = original.RouterError;
        Predictor = original.Predictor;
        Prompt = original.Prompt;
        _details = details;
    }

    /// <summary>Gets the routes to try, best first.</summary>
    public IReadOnlyList<ModelRoute> Routes { get; }

    /// <summary>Gets why the request goes there.</summary>
    public string Reason { get; }

    /// <summary>Gets the name of the router that was asked, or <see langword="null"/> if none was.</summary>
    public string? Router { get; init; }

    /// <summary>Gets P(the strong model's answer is better) in [0, 1], or <see langword="null"/> if no router was asked or it failed.</summary>
    public double? WinProbability
    {
        get => double.IsNaN(_winProbability) ? null : _winProbability;
        init => _winProbability = value ?? double.NaN;
    }

    /// <summary>Gets the threshold that was applied, or <see langword="null"/> if none was.</summary>
    public double? Threshold
    {
        get => double.IsNaN(_threshold) ? null : _threshold;
        init => _threshold = value ?? double.NaN;
    }

    /// <summary>Gets the error of a router that failed or timed out, or <see langword="null"/>.</summary>
    public Exception? RouterError { get; init; }

    /// <summary>Gets what led to the decision beside the router, in the order in which it happened: rules, constraints, budgets, conversations. Empty for a plain decision.</summary>
    public IReadOnlyList<DecisionStep> Steps
    {
        get => _details?.Steps ?? [];
        init => _details = (_details ?? Details.None) with { Steps = value };
    }

    /// <summary>Gets the routes that were removed, and what removed each.</summary>
    public IReadOnlyList<RouteSkip> Skips
    {
        get => _details?.Skips ?? [];
        init => _details = (_details ?? Details.None) with { Skips = value };
    }

    /// <summary>Gets the variant of a <see cref="TrafficSplit"/> that decided, or <see langword="null"/> if there is no split.</summary>
    public string? Variant
    {
        get => _details?.Variant;
        init => _details = (_details ?? Details.None) with { Variant = value };
    }

    /// <summary>Gets what was expected of each route, in the order of preference, where a policy weighed quality against cost; else empty.</summary>
    public IReadOnlyList<RouteEstimate> Estimates
    {
        get => _details?.Estimates ?? [];
        init => _details = (_details ?? Details.None) with { Estimates = value };
    }

    /// <summary>Gets the router that gave the win probability, or <see langword="null"/>.</summary>
    internal IRouter? Predictor { get; init; }

    /// <summary>Gets the prompt it was given, or <see langword="null"/>. Not public, so that it is in no log or file that a decision is written to.</summary>
    internal string? Prompt { get; init; }

    /// <summary>Gets the only deployment of the first route that may be called, since it made the provider-side state that the request carries, or <see langword="null"/> for any.</summary>
    internal string? PinnedDeployment
    {
        get => _details?.PinnedDeployment;
        init => _details = (_details ?? Details.None) with { PinnedDeployment = value };
    }

    /// <summary>Makes a decision that differs in its routes or its reason, for a policy that changes what the one it wraps decided.</summary>
    /// <param name="routes">The routes to try, best first, or <see langword="null"/> for those of this one.</param>
    /// <param name="reason">Why, or <see langword="null"/> for the reason of this one.</param>
    /// <param name="step">What led to it, added to <see cref="Steps"/>, or <see langword="null"/>.</param>
    /// <param name="skips">Routes that were removed, added to <see cref="Skips"/>, or <see langword="null"/>.</param>
    /// <returns>The decision.</returns>
    public RouteDecision With(IReadOnlyList<ModelRoute>? routes = null, string? reason = null, DecisionStep? step = null, IReadOnlyList<RouteSkip>? skips = null) =>
        new(this, routes ?? Routes, reason ?? Reason, step is null && skips is null or { Count: 0 } ? _details : (_details ?? Details.None) with
        {
            Steps = step is null ? Steps : [.. Steps, step],
            Skips = skips is null or { Count: 0 } ? Skips : [.. Skips, .. skips],
        });

    /// <summary>Says which variant of a split decided.</summary>
    internal RouteDecision OfVariant(string variant, DecisionStep step) => new(this, Routes, Reason, (_details ?? Details.None) with { Variant = variant, Steps = [.. Steps, step] });

    /// <summary>Explains the win probability: what every feature and every word of the prompt added to the score. It is worked out now, not when the decision was made.</summary>
    /// <returns>The explanation, which quotes the prompt; or <see langword="null"/> if no router was asked, if it failed, or if a policy that is not this library's made the decision.</returns>
    /// <exception cref="NotSupportedException">The router has no <see cref="IPredictionExplainer"/>.</exception>
    public PredictionExplanation? Explain() => Prompt is null ? null : Predictor?.Explain(Prompt);

    private sealed record Details(IReadOnlyList<DecisionStep> Steps, IReadOnlyList<RouteSkip> Skips, IReadOnlyList<RouteEstimate> Estimates, string? Variant, string? PinnedDeployment)
    {
        public static Details None { get; } = new([], [], [], null, null);
    }
}
