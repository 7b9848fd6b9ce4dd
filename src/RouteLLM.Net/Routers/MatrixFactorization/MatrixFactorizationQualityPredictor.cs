using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Predicts how good the answers of several models of a <see cref="MatrixFactorizationModel"/> would be.</summary>
/// <remarks>
/// A model's quality is the mean, over the other models of the pool, of P(win) + P(tie) / 2. With strengths delta and the margin eta of ties, that of m against n is
/// (1 + sigmoid(delta_m - delta_n - eta) - sigmoid(delta_n - delta_m - eta)) / 2. So qualities are relative to the pool, order models as their strengths do, and have the mean 1/2.
/// Instances are immutable and thread-safe.
/// </remarks>
public sealed class MatrixFactorizationQualityPredictor : IQualityPredictor
{
    private readonly string[] _models;
    private readonly float[] _weights;
    private readonly double[] _biases;
    private readonly double _tieMargin;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;

    internal MatrixFactorizationQualityPredictor(string[] models, float[] weights, double[] biases, double tieMargin, IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        _models = models;
        _weights = weights;
        _biases = biases;
        _tieMargin = tieMargin;
        _generator = generator;
        EmbeddingDimensions = weights.Length / models.Length;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Models => _models;

    /// <summary>Gets the number of dimensions of embeddings.</summary>
    public int EmbeddingDimensions { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The generator gave a vector of another number of dimensions.</exception>
    public async ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ReadOnlyMemory<float> embedding = await _generator.GenerateVectorAsync(request.Prompt, cancellationToken: cancellationToken).ConfigureAwait(false);
        var qualities = new double[_models.Length];
        PredictQualities(embedding.Span, qualities);
        return qualities;
    }

    /// <summary>Predicts the quality of each model's answer to a prompt that is already embedded.</summary>
    /// <param name="embedding">The prompt's embedding, <c>[EmbeddingDimensions]</c>.</param>
    /// <param name="qualities">Receives one quality in [0, 1] per model, in the order of <see cref="Models"/>; at least as long.</param>
    /// <exception cref="ArgumentException">The embedding has another number of dimensions or no finite strengths, or <paramref name="qualities"/> is too short.</exception>
    public void PredictQualities(ReadOnlySpan<float> embedding, Span<double> qualities)
    {
        if (embedding.Length != EmbeddingDimensions)
        {
            throw new ArgumentException($"The embedding has {embedding.Length} dimensions, but the model was made for {EmbeddingDimensions}. Use the embedder it was made with.", nameof(embedding));
        }

        if (qualities.Length < _models.Length)
        {
            throw new ArgumentException($"The destination holds {qualities.Length} numbers; there are {_models.Length} models.", nameof(qualities));
        }

        double[] strengths = new double[_models.Length];
        for (int m = 0; m < strengths.Length; m++)
        {
            strengths[m] = TensorPrimitives.Dot(embedding, _weights.AsSpan(m * embedding.Length, embedding.Length)) + _biases[m];
            if (!double.IsFinite(strengths[m]))
            {
                throw new ArgumentException($"The strength of '{_models[m]}' comes out as {strengths[m]}: the embedding has components that are not finite, or too large. Check the embedder that made it.", nameof(embedding));
            }
        }

        qualities = qualities[..strengths.Length];
        qualities.Clear();
        for (int m = 0; m < strengths.Length; m++)
        {
            for (int n = 0; n < m; n++)
            {
                double difference = strengths[m] - strengths[n];
                double quality = (1 + MatrixFactorizationPair.Sigmoid(difference - _tieMargin) - MatrixFactorizationPair.Sigmoid(-difference - _tieMargin)) / 2;
                qualities[m] += quality;
                qualities[n] += 1 - quality;
            }
        }

        TensorPrimitives.Divide(qualities, strengths.Length - 1, qualities);
    }
}
