namespace RouteLLM;

/// <summary>Conveniences on <see cref="IRouter"/>.</summary>
public static class RouterExtensions
{
    /// <summary>Predicts the win probability for a prompt alone.</summary>
    /// <param name="router">The router.</param>
    /// <param name="prompt">The prompt's text.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>P(the strong model's answer is better), in [0, 1].</returns>
    public static ValueTask<double> PredictWinProbabilityAsync(this IRouter router, string prompt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(prompt);
        return router.PredictWinProbabilityAsync(new RouteRequest(prompt), cancellationToken);
    }

    /// <summary>Predicts the win probability for each of many prompts, as one batch where the router takes batches.</summary>
    /// <param name="router">The router.</param>
    /// <param name="prompts">The prompts' texts.</param>
    /// <param name="cancellationToken">Cancels the whole batch.</param>
    /// <returns>One probability in [0, 1] per prompt, in the order of <paramref name="prompts"/>.</returns>
    public static ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(this IRouter router, IEnumerable<string> prompts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(prompts);
        return router.PredictWinProbabilitiesAsync([.. prompts.Select(static prompt => new RouteRequest(prompt))], cancellationToken);
    }

    /// <summary>Predicts the win probability for each of many requests, as one batch where the router takes batches.</summary>
    /// <param name="router">The router.</param>
    /// <param name="requests">The requests.</param>
    /// <param name="cancellationToken">Cancels the whole batch.</param>
    /// <returns>One probability in [0, 1] per request, in the order of <paramref name="requests"/>.</returns>
    public static ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(this IRouter router, IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(requests);
        return router.GetService<IBatchRouter>() is { } batch
            ? batch.PredictWinProbabilitiesAsync(requests, cancellationToken)
            : PredictOneByOneAsync(router, requests, cancellationToken);
    }

    /// <summary>Asks the router for an object of type <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">The type asked for.</typeparam>
    /// <param name="router">The router.</param>
    /// <param name="serviceKey">An optional key.</param>
    /// <returns>The object, or <see langword="null"/> if the router has none.</returns>
    public static T? GetService<T>(this IRouter router, object? serviceKey = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(router);
        return router.GetService(typeof(T), serviceKey) as T;
    }

    internal static async ValueTask<IReadOnlyList<double>> PredictOneByOneAsync(IRouter router, IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken)
    {
        var probabilities = new double[requests.Count];
        for (int i = 0; i < probabilities.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            probabilities[i] = await router.PredictWinProbabilityAsync(requests[i], cancellationToken).ConfigureAwait(false);
        }

        return probabilities;
    }
}
