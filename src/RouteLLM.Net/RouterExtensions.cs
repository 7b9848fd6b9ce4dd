using System.Runtime.CompilerServices;

namespace RouteLLM;

/// <summary>Conveniences on <see cref="IRouter"/>.</summary>
/// <remarks>
/// Batches are scored by routers that implement <see cref="IBatchRouter"/> as they see fit, those of this library on all processors and with one embedding call a batch, and by other routers one prompt after another.
/// Results are in the order of the prompts, and an exception or a cancellation ends the whole batch.
/// </remarks>
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

        // The router itself is asked, not GetService: a wrapper that hands out what it wraps would be passed over.
        return router is IBatchRouter batch
            ? batch.PredictWinProbabilitiesAsync(requests, cancellationToken)
            : PredictOneByOneAsync(router, requests, cancellationToken);
    }

    /// <summary>Predicts the win probability for each of very many prompts, a batch at a time, with progress.</summary>
    /// <param name="router">The router.</param>
    /// <param name="prompts">The prompts' texts; enumerated once, a batch at a time, so that they need not be in memory together.</param>
    /// <param name="options">The size of batches, and who is told of progress.</param>
    /// <param name="cancellationToken">Cancels what is left.</param>
    /// <returns>One probability in [0, 1] per prompt, in the order of <paramref name="prompts"/>.</returns>
    public static async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(
        this IRouter router, IEnumerable<string> prompts, BatchPredictionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        var probabilities = new List<double>();
        foreach (string[] batch in prompts.Chunk(options.BatchSize))
        {
            probabilities.AddRange(await router.PredictWinProbabilitiesAsync(batch, cancellationToken).ConfigureAwait(false));
            options.Progress?.Report(probabilities.Count);
        }

        return probabilities;
    }

    /// <summary>Predicts the win probability for each prompt of a stream, a batch at a time, while the stream lasts.</summary>
    /// <param name="router">The router.</param>
    /// <param name="prompts">The prompts' texts; a batch is scored when it is full or the stream ends, and the next is only read once its probabilities were taken.</param>
    /// <param name="options">The size of batches, and who is told of progress; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels what is left.</param>
    /// <returns>One probability in [0, 1] per prompt, in the order of <paramref name="prompts"/>.</returns>
    public static IAsyncEnumerable<double> PredictWinProbabilitiesAsync(
        this IRouter router, IAsyncEnumerable<string> prompts, BatchPredictionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(prompts);
        return PredictStreamAsync(router, prompts, options ?? new(), cancellationToken);
    }

    /// <summary>Explains the prediction for a prompt: what every feature and every word of it added to the score.</summary>
    /// <param name="router">The router, or a wrapper around one.</param>
    /// <param name="prompt">The prompt's text.</param>
    /// <returns>The explanation.</returns>
    /// <exception cref="NotSupportedException">The router has no <see cref="IPredictionExplainer"/>.</exception>
    public static PredictionExplanation Explain(this IRouter router, string prompt)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(prompt);
        return router.GetService<IPredictionExplainer>() is { } explainer
            ? explainer.Explain(prompt)
            : throw new NotSupportedException(
                $"Router '{router.GetService<RouterMetadata>()?.Name ?? router.GetType().Name}' ({router.GetType().Name}) cannot explain its predictions word by word: it has no {nameof(IPredictionExplainer)}. "
                + $"The built-in router and linear ones can; routers over battles may have an {nameof(INearestBattleExplainer)}.");
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

    private static async IAsyncEnumerable<double> PredictStreamAsync(
        IRouter router, IAsyncEnumerable<string> prompts, BatchPredictionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (string[] batch in prompts.Chunk(options.BatchSize).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            IReadOnlyList<double> probabilities = await router.PredictWinProbabilitiesAsync(batch, cancellationToken).ConfigureAwait(false);
            count += probabilities.Count;
            options.Progress?.Report(count);
            foreach (double probability in probabilities)
            {
                yield return probability;
            }
        }
    }
}
