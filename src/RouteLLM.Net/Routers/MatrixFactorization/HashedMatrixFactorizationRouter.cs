using System.Runtime.Intrinsics;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Routes between two models of a <see cref="HashedMatrixFactorizationModel"/>: hashing the prompt and one pass over the features.</summary>
/// <remarks>
/// <para>A tie is not a win: the probability is that the strong model's answer is clearly better.</para>
/// <para>
/// A prediction depends on the prompt's text alone, takes microseconds, and completes synchronously without allocating.
/// <see cref="GetService"/> answers for the router itself (which also is its <see cref="IPredictionExplainer"/>), its <see cref="RouterMetadata"/>, its <see cref="HashedMatrixFactorizationModel"/>, and, for the model's default pair, <see cref="ScoreQuantiles"/>.
/// </para>
/// </remarks>
public sealed class HashedMatrixFactorizationRouter : IBatchRouter, IPredictionExplainer
{
    [ThreadStatic]
    private static int[]? t_buckets;

    private readonly HashedMatrixFactorizationModel _model;
    private readonly RouterMetadata _metadata;
    private readonly Vector128<float>[] _weights;
    private readonly Vector128<float> _biases;
    private readonly ScoreQuantiles? _quantiles;
    private readonly Func<RouteRequest, double> _predict;

    internal HashedMatrixFactorizationRouter(HashedMatrixFactorizationModel model, RouterMetadata metadata, Vector128<float>[] weights, Vector128<float> biases, ScoreQuantiles? quantiles)
    {
        _model = model;
        _metadata = metadata;
        _weights = weights;
        _biases = biases;
        _quantiles = quantiles;
        _predict = request => PredictWinProbability(request.Prompt);
    }

    /// <summary>Gets what each bucket adds to traffic score, benchmark score and gate before normalisation, and to the square of the norm.</summary>
    internal ReadOnlySpan<Vector128<float>> Weights => _weights;

    /// <summary>Gets the biases of traffic score, benchmark score and gate.</summary>
    internal Vector128<float> Biases => _biases;

    /// <summary>Predicts the win probability of the strong model for a prompt.</summary>
    /// <param name="prompt">The prompt's text: any characters, any length; of a very long text, the beginning and the end are read (see <see cref="HashedTextFeatures"/>).</param>
    /// <returns>P(the strong model's answer is clearly better), in [0, 1].</returns>
    public double PredictWinProbability(ReadOnlySpan<char> prompt)
    {
        Vector128<float> logits = _biases + Score(prompt, out _);
        return Probability(Mix(logits, Gate(logits)));
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The gate between traffic and benchmarks is held at the value it has for this prompt: what a word does by opening or closing the gate is not counted as its own. Everything else is exact.
    /// </remarks>
    public PredictionExplanation Explain(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        Vector128<float> logits = _biases + Score(prompt, out float norm);
        double gate = Gate(logits);
        return PredictionExplanation.Create(prompt, Mix(logits, gate), Mix(_biases, gate), (bucket, _) => Mix(_weights[bucket], gate) / norm);
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
    public ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default) =>
        ParallelScoring.ScoreAsync(requests, _predict, cancellationToken);

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

    private static double Gate(Vector128<float> logits) => Probability(logits[2]);

    private static double Mix(Vector128<float> logits, double gate) => (gate * logits[0]) + ((1 - gate) * logits[1]);

    private static double Probability(double logit) => 1 / (1 + Math.Exp(-logit));

    /// <summary>Gives what the features of a prompt add to traffic, benchmark and gate.</summary>
    private Vector128<float> Score(ReadOnlySpan<char> prompt, out float norm)
    {
        int[] buckets = t_buckets ??= new int[HashedTextFeatures.MaxFeatures];
        int count = HashedTextFeatures.Extract(prompt, buckets);
        Vector128<float>[] weights = _weights;
        Vector128<float> sum = default;
        foreach (int bucket in buckets.AsSpan(0, count))
        {
            sum += weights[bucket];
        }

        // The last element is the square of the norm.
        norm = MathF.Sqrt(sum[3]);
        return sum / norm;
    }
}
