namespace RouteLLM;

/// <summary>Tells which cluster of prompts a request belongs to. Asked for with <see cref="IRouter.GetService"/>.</summary>
/// <remarks>
/// A router that implements it also sets <see cref="RouteRequest.Cluster"/> on each request that it predicts for, from where it goes to <see cref="RouteOutcome.Cluster"/> and, as <c>routellm.cluster</c>, to the span.
/// Implementations must be thread-safe.
/// </remarks>
public interface IClusteredRouter
{
    /// <summary>Gets how many prompts of the training each cluster has: the mix that traffic is compared with.</summary>
    IReadOnlyList<int> ClusterRows { get; }

    /// <summary>Finds the cluster of a prompt that is already embedded.</summary>
    /// <param name="embedding">The prompt's vector.</param>
    /// <returns>The cluster's index in <see cref="ClusterRows"/>.</returns>
    /// <exception cref="ArgumentException">The vector has another number of dimensions than those of the training, or components that are not finite.</exception>
    int AssignCluster(ReadOnlySpan<float> embedding);

    /// <summary>Embeds a request's prompt and finds its cluster.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the embedding.</param>
    /// <returns>The cluster's index in <see cref="ClusterRows"/>.</returns>
    ValueTask<int> AssignClusterAsync(RouteRequest request, CancellationToken cancellationToken = default);
}
