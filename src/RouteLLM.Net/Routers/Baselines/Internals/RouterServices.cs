namespace RouteLLM;

/// <summary>The answer of a router that is no wrapper to <see cref="IRouter.GetService"/>.</summary>
internal static class RouterServices
{
    /// <summary>Finds the service: the router itself, its metadata, or its score quantiles if it knows them; keyed requests find nothing.</summary>
    public static object? Find(IRouter router, Type serviceType, object? serviceKey, RouterMetadata metadata, ScoreQuantiles? quantiles = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(router) ? router
            : serviceType == typeof(RouterMetadata) ? metadata
            : serviceType == typeof(ScoreQuantiles) ? quantiles
            : null;
    }
}
