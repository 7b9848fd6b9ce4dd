namespace RouteLLM;

/// <summary>Decides which routes a request should try, in which order, and why.</summary>
/// <remarks>Deciding never calls a chat model. Implementations must be thread-safe.</remarks>
public interface IRoutingPolicy
{
    /// <summary>Decides on one request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the decision.</param>
    /// <returns>The decision: at least one route.</returns>
    ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default);
}
