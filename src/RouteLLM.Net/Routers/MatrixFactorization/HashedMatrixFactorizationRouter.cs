using System.Collections.Concurrent;

namespace RouteLLM;

/// <summary>Routes between two models of a <see cref="HashedMatrixFactorizationModel"/>: hashing the prompt and one sparse dot product.</summary>
/// <remarks>
/// <para>A tie is not a win: the probability is that the strong model's answer is clearly better.</para>
/// <para>
/// A prediction depends on the prompt's text alone, takes microseconds, and completes synchronously without allocating.
/// <see cref="GetService"/> answers for the router itself, its <see cref="RouterMetadata"/>, its <see cref="HashedMatrixFactorizationModel"/>, and, for the model's default pair, <see cref="ScoreQuantiles"/>.
/// </para>
/// </remarks>
public sealed class HashedMatrixFactorizationRouter : IBatchRouter
{
    private const int ParallelBatch = 64;

    [ThreadStatic]
    private static int[]? t_buckets;

    private readonly HashedMatrixFactorizationModel _model;
    private readonly RouterMetadata _metadata;
    private readonly FeatureWeight[] _weights;
    private readonly double _bias;
    private readonly ScoreQuantiles? _quantiles;

    internal HashedMatrixFactorizationRouter(HashedMatrixFactorizationModel model, RouterMetadata metadata, FeatureWeight[] weights, double bias, ScoreQuantiles? quantiles)
    {
        _model = model;
        _metadata = metadata;
        _weights = weights;
        _bias = bias;
        _quantiles = quantiles;
    }

    /// <summary>Predicts the win probability of the strong model for a prompt.</summary>
    /// <param name="prompt">The prompt's text: any characters, any length; of a very long text, the beginning and the end are read (see <see cref="HashedTextFeatures"/>).</param>
    /// <returns>P(the strong model's answer is clearly better), in [0, 1].</returns>
    public double PredictWinProbability(ReadOnlySpan<char> prompt)
    {
        int[] buckets = t_buckets ??= new int[HashedTextFeatures.MaxFeatures];
        int count = HashedTextFeatures.Extract(prompt, buckets);
        FeatureWeight[] weights = _weights;
        float score = 0;
        float squares = 0;
        foreach (int bucket in buckets.AsSpan(0, count))
        {
            FeatureWeight weight = weights[bucket];
            score += weight.Score;
            squares += weight.Square;
        }

        double logit = _bias + (score / Math.Sqrt(squares));
        return 1 / (1 + Math.Exp(-logit));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is <see langword="null"/>.</exception>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<double>(cancellationToken)
            : new ValueTask<double>(PredictWinProbability(request.Prompt));
    }

    /// <inheritdoc/>
    /// <remarks>Large batches are scored on all processors.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="requests"/> is <see langword="null"/>.</exception>
    public ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IReadOnlyList<double>>(cancellationToken);
        }

        var probabilities = new double[requests.Count];
        if (probabilities.Length < ParallelBatch)
        {
            Predict(requests, probabilities, 0, probabilities.Length);
            return new ValueTask<IReadOnlyList<double>>(probabilities);
        }

        return new ValueTask<IReadOnlyList<double>>(Task.Run<IReadOnlyList<double>>(
            () =>
            {
                var options = new ParallelOptions { CancellationToken = cancellationToken };
                Parallel.ForEach(Partitioner.Create(0, probabilities.Length, ParallelBatch), options, range => Predict(requests, probabilities, range.Item1, range.Item2));
                return probabilities;
            },
            cancellationToken));
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_metadata) ? _metadata
            : serviceType.IsInstanceOfType(_model) ? _model
            : serviceType.IsInstanceOfType(_quantiles) ? _quantiles
            : null;
    }

    private void Predict(IReadOnlyList<RouteRequest> requests, double[] probabilities, int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            probabilities[i] = PredictWinProbability(requests[i].Prompt);
        }
    }
}
