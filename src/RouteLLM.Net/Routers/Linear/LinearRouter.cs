using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Routes between two models by a linear function of the prompt's features: reading the prompt and one look-up a feature.</summary>
/// <remarks>
/// <para>
/// With x the features of the prompt, weighted and divided by their norm, the win probability is sigmoid(w . x + b). A tie is not a win: it is the probability that the strong model's answer is clearly better, as the labels had it.
/// </para>
/// <para>
/// A prediction depends on the prompt's text alone, takes microseconds, and completes synchronously without allocating.
/// <see cref="GetService"/> answers for the router itself (which also is its <see cref="IPredictionExplainer"/>), its <see cref="RouterMetadata"/>, its <see cref="LinearModel"/>, and, for the model's default pair, <see cref="ScoreQuantiles"/>.
/// </para>
/// </remarks>
public sealed class LinearRouter : IBatchRouter, IPredictionExplainer
{
    private readonly LinearModel _model;
    private readonly RouterMetadata _metadata;
    private readonly LinearTerm[] _terms;
    private readonly double _bias;
    private readonly ScoreQuantiles? _quantiles;
    private readonly Func<RouteRequest, double> _predict;

    internal LinearRouter(LinearModel model, RouterMetadata metadata, LinearTerm[] terms, double bias, ScoreQuantiles? quantiles)
    {
        _model = model;
        _metadata = metadata;
        _terms = terms;
        _bias = bias;
        _quantiles = quantiles;
        _predict = request => PredictWinProbability(request.Prompt);
    }

    /// <summary>Predicts the win probability of the strong model for a prompt.</summary>
    /// <param name="prompt">The prompt's text: any characters, any length; of a very long text, the beginning and the end are read (see <see cref="HashedTextFeatures"/>).</param>
    /// <returns>P(the strong model's answer is clearly better), in [0, 1].</returns>
    public double PredictWinProbability(ReadOnlySpan<char> prompt) => 1 / (1 + Math.Exp(-Score(prompt, out _)));

    /// <inheritdoc/>
    public PredictionExplanation Explain(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        double score = Score(prompt, out double norm);
        return PredictionExplanation.Create(
            prompt, score, _bias, (bucket, frequency) => _terms[bucket].Weight is not 0 and var weight ? LinearText.ValueOf(_model.Features, frequency) * weight / norm : null);
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

    private double Score(ReadOnlySpan<char> prompt, out double norm)
    {
        ReadOnlySpan<int> buckets = LinearText.Read(_model.Features, prompt, out ReadOnlySpan<float> values);
        LinearTerm[] terms = _terms;
        double sum = 0, squares = 0;
        for (int i = 0; i < buckets.Length; i++)
        {
            LinearTerm term = terms[buckets[i]];
            sum += values[i] * term.Weight;
            squares += values[i] * values[i] * term.Square;
        }

        // There is nothing to divide where no word is known.
        norm = squares > 0 ? Math.Sqrt(squares) : 1;
        return _bias + (sum / norm);
    }
}
