namespace RouteLLM;

/// <summary>Predicts how good the answer of each model of a <see cref="LinearModel"/> would be: its expected score.</summary>
/// <remarks>Predictions take microseconds; <see cref="PredictQualities"/> allocates nothing. Instances are immutable and thread-safe.</remarks>
public sealed class LinearQualityPredictor : IQualityPredictor
{
    private readonly LinearModel _model;
    private readonly int[] _featureOf;
    private readonly float[] _squares;
    private readonly float[] _weights;

    internal LinearQualityPredictor(LinearModel model, int[] featureOf, float[] squares, float[] weights)
    {
        _model = model;
        _featureOf = featureOf;
        _squares = squares;
        _weights = weights;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Models => _model.Models;

    /// <summary>Predicts the quality of each model's answer to a prompt.</summary>
    /// <param name="prompt">The prompt's text.</param>
    /// <param name="qualities">Receives one quality in [0, 1] per model, in the order of <see cref="Models"/>; at least as long.</param>
    /// <exception cref="ArgumentException"><paramref name="qualities"/> is too short.</exception>
    public void PredictQualities(ReadOnlySpan<char> prompt, Span<double> qualities)
    {
        int models = Models.Count;
        if (qualities.Length < models)
        {
            throw new ArgumentException($"The destination holds {qualities.Length} numbers; there are {models} models.", nameof(qualities));
        }

        qualities = qualities[..models];
        qualities.Clear();
        ReadOnlySpan<int> buckets = LinearText.Read(_model.Features, prompt, out ReadOnlySpan<float> values);
        double squares = 0;
        for (int i = 0; i < buckets.Length; i++)
        {
            squares += values[i] * values[i] * _squares[buckets[i]];
            int feature = _featureOf[buckets[i]];
            if (feature >= 0)
            {
                ReadOnlySpan<float> weights = _weights.AsSpan(feature * models, models);
                for (int m = 0; m < weights.Length; m++)
                {
                    qualities[m] += values[i] * weights[m];
                }
            }
        }

        double norm = squares > 0 ? Math.Sqrt(squares) : 1;
        for (int m = 0; m < models; m++)
        {
            qualities[m] = _model.QualityOf(m, qualities[m] / norm);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is <see langword="null"/>.</exception>
    public ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IReadOnlyList<double>>(cancellationToken);
        }

        var qualities = new double[Models.Count];
        PredictQualities(request.Prompt, qualities);
        return new ValueTask<IReadOnlyList<double>>(qualities);
    }
}
