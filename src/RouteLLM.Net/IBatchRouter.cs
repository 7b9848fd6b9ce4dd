namespace RouteLLM;

/// <summary>A router that scores many requests at once more cheaply than one by one.</summary>
public interface IBatchRouter : IRouter
{
    /// <summary>Predicts the win probability of the strong model for each request.</summary>
    /// <param name="requests">The requests, in any number.</param>
    /// <param name="cancellationToken">Cancels the whole batch.</param>
    /// <returns>One probability in [0, 1] per request, in the order of <paramref name="requests"/>.</returns>
    ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default);
}
