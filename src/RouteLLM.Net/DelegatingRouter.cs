namespace RouteLLM;

/// <summary>A router that passes every call on to an inner router; the base of routers that wrap another (a cache, a shift, a measurement).</summary>
/// <remarks>
/// Batches are passed on as batches, so wrapping a router loses nothing. A subclass that changes predictions overrides both
/// <see cref="PredictWinProbabilityAsync"/> and <see cref="PredictWinProbabilitiesAsync"/>.
/// </remarks>
public class DelegatingRouter : IBatchRouter
{
    /// <summary>Initializes a new instance of the <see cref="DelegatingRouter"/> class.</summary>
    /// <param name="innerRouter">The router to pass calls on to.</param>
    /// <exception cref="ArgumentNullException"><paramref name="innerRouter"/> is <see langword="null"/>.</exception>
    protected DelegatingRouter(IRouter innerRouter)
    {
        ArgumentNullException.ThrowIfNull(innerRouter);
        InnerRouter = innerRouter;
    }

    /// <summary>Gets the router that calls are passed on to.</summary>
    protected IRouter InnerRouter { get; }

    /// <inheritdoc/>
    public virtual ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
        InnerRouter.PredictWinProbabilityAsync(request, cancellationToken);

    /// <inheritdoc/>
    public virtual ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default) =>
        InnerRouter.PredictWinProbabilitiesAsync(requests, cancellationToken);

    /// <inheritdoc/>
    public virtual object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : InnerRouter.GetService(serviceType, serviceKey);
    }
}
