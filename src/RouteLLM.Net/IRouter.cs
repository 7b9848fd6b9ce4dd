namespace RouteLLM;

/// <summary>Predicts, for one request, the probability that the strong model's answer would be the better one.</summary>
/// <remarks>
/// <para>
/// A router only predicts; an <see cref="IRoutingPolicy"/> decides. What a tie counts is the router's own and is documented
/// on it, so a threshold belongs to one router and one kind of traffic.
/// </para>
/// <para>
/// Implementations must be thread-safe: one instance serves all requests. A router that can score many prompts at once more cheaply
/// than one by one also implements <see cref="IBatchRouter"/>.
/// </para>
/// </remarks>
public interface IRouter
{
    /// <summary>Predicts the win probability of the strong model for a request.</summary>
    /// <param name="request">The request; a router usually reads its <see cref="RouteRequest.Prompt"/>.</param>
    /// <param name="cancellationToken">Cancels the prediction; not to be kept or listened to once the prediction has completed.</param>
    /// <returns>P(the strong model's answer is better), in [0, 1].</returns>
    ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default);

    /// <summary>Asks the router for an object of the given type, such as its <see cref="RouterMetadata"/> or <see cref="ScoreQuantiles"/>.</summary>
    /// <param name="serviceType">The type asked for.</param>
    /// <param name="serviceKey">An optional key; routers answer keyed requests with <see langword="null"/> unless they document otherwise.</param>
    /// <returns>The object, or <see langword="null"/> if the router has none.</returns>
    object? GetService(Type serviceType, object? serviceKey = null);
}
