using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Predicts which of several models of a <see cref="ClusteredModel"/> answers best.</summary>
/// <remarks>
/// A quality here is P(the model is the best of the pool): it lies in [0, 1], and the qualities of all models add up to 1. It is not a mean score: where models are alike it is small for all of them. Which model is best where answers are
/// equally good, and what is best at all, is said at <see cref="ClusteredModel"/>. Each request's <see cref="RouteRequest.Cluster"/> is set. Instances are immutable and thread-safe.
/// </remarks>
public sealed class ClusteredQualityPredictor : IQualityPredictor, IClusteredRouter
{
    private readonly ClusteredModel _model;
    private readonly string[] _names;
    private readonly int[] _indices;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;

    internal ClusteredQualityPredictor(ClusteredModel model, string[] names, int[] indices, IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        _model = model;
        _names = names;
        _indices = indices;
        _generator = generator;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Models => _names;

    /// <inheritdoc/>
    public IReadOnlyList<int> ClusterRows => _model.ClusterRows;

    /// <inheritdoc/>
    public int AssignCluster(ReadOnlySpan<float> embedding) => _model.AssignCluster(embedding);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The generator gave a vector of another number of dimensions.</exception>
    public async ValueTask<int> AssignClusterAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AssignCluster((await _generator.GenerateVectorAsync(request.Prompt, cancellationToken: cancellationToken).ConfigureAwait(false)).Span);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The generator gave a vector of another number of dimensions.</exception>
    public async ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ReadOnlyMemory<float> embedding = await _generator.GenerateVectorAsync(request.Prompt, cancellationToken: cancellationToken).ConfigureAwait(false);
        var qualities = new double[_names.Length];
        request.Cluster = PredictQualities(embedding.Span, qualities);
        return qualities;
    }

    /// <summary>Predicts, for a prompt that is already embedded, the probability of each model to be the best; allocates nothing.</summary>
    /// <param name="embedding">The prompt's vector, of the model's <see cref="ClusteredModel.EmbeddingDimensions"/>.</param>
    /// <param name="qualities">Receives one probability per model, in the order of <see cref="Models"/>; at least as long.</param>
    /// <returns>The prompt's cluster.</returns>
    /// <exception cref="ArgumentException">The embedding has another number of dimensions or no finite answer, or <paramref name="qualities"/> is too short.</exception>
    public int PredictQualities(ReadOnlySpan<float> embedding, Span<double> qualities)
    {
        if (qualities.Length < _indices.Length)
        {
            throw new ArgumentException($"The destination holds {qualities.Length} numbers; there are {_indices.Length} models.", nameof(qualities));
        }

        int cluster = AssignCluster(embedding);
        qualities = qualities[.._indices.Length];
        for (int m = 0; m < qualities.Length; m++)
        {
            double logit = _model.Logit(cluster, _indices[m], embedding);
            qualities[m] = double.IsFinite(logit)
                ? logit
                : throw new ArgumentException($"The logit of '{_names[m]}' comes out as {logit}: the embedding has components that are too large. Check the embedder that made it.", nameof(embedding));
        }

        // Softmax is only defined up to a constant: without taking the greatest away, exponentials overflow.
        TensorPrimitives.Subtract(qualities, TensorPrimitives.Max<double>(qualities), qualities);
        TensorPrimitives.SoftMax<double>(qualities, qualities);
        return cluster;
    }
}
