using RouteLLM.DependencyInjection;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Makes a <see cref="ThresholdPolicy"/> between two of any number of routes; the others are fail-over targets, strongest first.</summary>
/// <remarks>Exactly one of <see cref="Threshold"/>, <see cref="StrongShare"/> and <see cref="Calibration"/> is to be set.</remarks>
public sealed class ThresholdPolicyFactory : RoutingPolicyFactory
{
    internal const string Kind = "threshold";

    /// <summary>Gets or sets the name of the strong route, or <see langword="null"/>, the default, for the first.</summary>
    public string? Strong { get; set; }

    /// <summary>Gets or sets the name of the weak route, or <see langword="null"/>, the default, for the last.</summary>
    public string? Weak { get; set; }

    /// <summary>Gets or sets the name of the router to ask. The default is the built-in router.</summary>
    public string Router { get; set; } = RouterRegistry.BuiltInName;

    /// <summary>Gets or sets the threshold, in [0, 1]: a request is strong when its win probability is at least this.</summary>
    public double? Threshold { get; set; }

    /// <summary>Gets or sets the share of requests to send to the strong route, in [0, 1]; the router's own score quantiles turn it into a threshold.</summary>
    public double? StrongShare { get; set; }

    /// <summary>Gets or sets the calibration whose threshold is used. It is refused for another router, artifact or pair than it was made with.</summary>
    public RouterCalibration? Calibration { get; set; }

    /// <summary>Gets or sets what finds the group of a request that has a threshold of its own in <see cref="Calibration"/>, or <see langword="null"/>, the default.</summary>
    public Func<RouteRequest, string?>? CalibrationGroup { get; set; }

    /// <summary>Gets or sets how long the router may take. The default is 5 seconds; <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.</summary>
    public TimeSpan RouterTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets where a request goes when the router fails or times out, or there is no text to score. The default is <see cref="RouterFallback.Strong"/>.</summary>
    public RouterFallback RouterFallback { get; set; }

    /// <inheritdoc/>
    public override IRoutingPolicy CreatePolicy(RoutingPolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ModelRoute strong = Strong is null ? context.Routes[0] : context.FindRoute(Strong);
        ModelRoute weak = Weak is null ? context.Routes[^1] : context.FindRoute(Weak);
        TwoModelRoutingOptions options = ForTwoModels(context.Options);
        var policy = new ThresholdPolicy(strong, weak, TwoModelPlan.FindRouter(context.Routers, Router), options, Router, context.TimeProvider);
        return context.Routes.Count == 2 ? policy : new FailoverOrderPolicy(policy, context.Routes, strong, weak);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> FindErrors(MultiModelRoutingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        TwoModelRoutingOptions two = ForTwoModels(options);
        foreach (string error in two.FindErrors())
        {
            yield return $"Policy: {error}";
        }

        if (TwoModelRegistration.FindRouterError(two) is { } routerError)
        {
            yield return $"Policy: {routerError}";
        }

        foreach (string name in new[] { Strong, Weak }.OfType<string>().Where(name => !options.Routes.Any(route => route.Name == name)))
        {
            yield return $"Policy: there is no route named '{name}'; there are: {string.Join(", ", options.Routes.Select(static route => route.Name))}.";
        }

        if (options.Routes.Count > 0 && (Strong ?? options.Routes[0].Name) == (Weak ?? options.Routes[^1].Name))
        {
            yield return $"Policy: the strong and the weak route are both '{Strong ?? options.Routes[0].Name}'; a threshold chooses between two.";
        }
    }

    private TwoModelRoutingOptions ForTwoModels(MultiModelRoutingOptions options) => new()
    {
        Routers = options.Routers,
        Router = Router,
        Threshold = Threshold,
        StrongShare = StrongShare,
        Calibration = Calibration,
        CalibrationGroup = CalibrationGroup,
        RouterTimeout = RouterTimeout,
        RouterFallback = RouterFallback,
    };
}
