using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using RouteLLM.Diagnostics;

namespace RouteLLM.Internals;

/// <summary>Makes the plan for a strong and a weak model: two routes and a threshold.</summary>
internal static class TwoModelPlan
{
    /// <param name="router">The router to ask, or <see langword="null"/> for the one the options name.</param>
    public static RoutingPlan Create(
        IChatClient strong, IChatClient weak, IRouter? router, TwoModelRoutingOptions options, bool ownsStrong, bool ownsWeak, TimeProvider? timeProvider = null, RoutingState? state = null)
    {
        ArgumentNullException.ThrowIfNull(strong);
        ArgumentNullException.ThrowIfNull(weak);
        ArgumentNullException.ThrowIfNull(options);
        var strongRoute = new ModelRoute(RoutedChatClient.StrongRoute, strong) { ModelId = options.StrongModel, Profile = options.StrongProfile, OwnsClient = ownsStrong };
        var weakRoute = new ModelRoute(RoutedChatClient.WeakRoute, weak) { ModelId = options.WeakModel, Profile = options.WeakProfile, OwnsClient = ownsWeak };
        (IRouter asked, string? name) = router is null ? (FindRouter(options.Routers ?? new RouterRegistry(), options.Router), options.Router) : (router, null);
        var policy = new ThresholdPolicy(strongRoute, weakRoute, asked, options, name, timeProvider);
        return new RoutingPlan([strongRoute, weakRoute], policy, options, policy.Routers, logger => Hint(logger, strongRoute, weakRoute, asked, policy, options), timeProvider, state);
    }

    public static IRouter FindRouter(IRouterRegistry routers, string name) =>
        routers.Find(name) ??
        throw new ArgumentException($"There is no router named '{name}'; registered are: {string.Join(", ", routers.Names)}. Change {nameof(TwoModelRoutingOptions.Router)}, or register the router under that name.");

    private static void Hint(ILogger logger, ModelRoute strong, ModelRoute weak, IRouter router, ThresholdPolicy policy, TwoModelRoutingOptions options)
    {
        if (options.Threshold >= 0.5)
        {
            logger.HighThreshold(policy.Threshold);
        }

        if (router.GetService<RouterMetadata>() is { StrongModel: { } trainedStrong, WeakModel: { } trainedWeak } trained &&
            (strong.EffectiveModelId != trainedStrong || weak.EffectiveModelId != trainedWeak))
        {
            logger.TrainedForOtherModels(strong.EffectiveModelId ?? "unknown", weak.EffectiveModelId ?? "unknown", trained.Name, trainedStrong, trainedWeak);
        }
    }
}
