using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Routes between two models of a <see cref="ClusteredModel"/>, by the classifier of the prompt's cluster.</summary>
/// <remarks>
/// <para>
/// The win probability is P(strong is the best) / (P(strong is the best) + P(weak is the best)), with the best taken among all models of the <see cref="ClusteredModel"/>, as that says. For the model's default pair its logit is moreover
/// scaled and shifted, on rows that were held out, to the probability that the strong model scores higher than the weak one, a tie not being a win; for other pairs it only ranks.
/// </para>
/// <para>
/// For two models a classifier folds into one vector, so that scoring is an inner product a cluster and one more. Each request's <see cref="RouteRequest.Cluster"/> is set. <see cref="GetService"/> answers for the router itself
/// (also as <see cref="IClusteredRouter"/>), its <see cref="RouterMetadata"/> and <see cref="ClusteredModel"/>, and, for the default pair, <see cref="ScoreQuantiles"/> if the model has them.
/// </para>
/// </remarks>
public sealed class ClusteredRouter : EmbeddingRouter, IClusteredRouter
{
    private readonly ClusteredModel _model;
    private readonly ScoreQuantiles? _quantiles;

    // One vector and one number a classifier, calibration included.
    private readonly float[] _weights;
    private readonly double[] _biases;

    internal ClusteredRouter(ClusteredModel model, int strong, int weak, IEmbeddingGenerator<string, Embedding<float>> generator)
        : base(generator, model.EmbeddingDimensions, new RouterMetadata(model.Info.Name, model.Models[strong], model.Models[weak], model.Fingerprint))
    {
        _model = model;
        bool isDefaultPair = model.Models[strong] == model.Info.StrongModel && model.Models[weak] == model.Info.WeakModel;
        _quantiles = isDefaultPair ? model.Info.Quantiles : null;
        double slope = isDefaultPair ? model.Info.CalibrationSlope : 1, intercept = isDefaultPair ? model.Info.CalibrationIntercept : 0;
        _weights = new float[model.ClassifierCount * Dimensions];
        _biases = new double[model.ClassifierCount];
        for (int classifier = 0; classifier < _biases.Length; classifier++)
        {
            int strongRow = (classifier * model.Models.Count) + strong, weakRow = (classifier * model.Models.Count) + weak;
            for (int j = 0; j < Dimensions; j++)
            {
                _weights[(classifier * Dimensions) + j] = (float)(slope * ((double)model.Weights[(strongRow * Dimensions) + j] - model.Weights[(weakRow * Dimensions) + j]));
            }

            _biases[classifier] = (slope * ((double)model.Biases[strongRow] - model.Biases[weakRow])) + intercept;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> ClusterRows => _model.ClusterRows;

    /// <inheritdoc/>
    public int AssignCluster(ReadOnlySpan<float> embedding) => _model.AssignCluster(embedding);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The generator gave a vector of another number of dimensions.</exception>
    public async ValueTask<int> AssignClusterAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
        AssignCluster((await EmbedAsync(request, cancellationToken).ConfigureAwait(false)).Span);

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        base.GetService(serviceType, serviceKey) is { } service ? service
        : serviceKey is not null ? null
        : serviceType == typeof(ClusteredModel) ? _model
        : serviceType == typeof(ScoreQuantiles) ? _quantiles
        : null;

    /// <inheritdoc/>
    protected override double Score(ReadOnlySpan<float> embedding) => Score(_model.Nearest(embedding), embedding);

    /// <inheritdoc/>
    protected override double Score(RouteRequest request, ReadOnlySpan<float> embedding)
    {
        int cluster = _model.Nearest(embedding);
        request.Cluster = cluster < 0 ? null : cluster;
        return Score(cluster, embedding);
    }

    private double Score(int cluster, ReadOnlySpan<float> embedding)
    {
        if (cluster < 0)
        {
            return double.NaN;
        }

        int classifier = _model.ClassifierOfCluster[cluster];
        return MatrixFactorizationPair.Sigmoid(TensorPrimitives.Dot(embedding, _weights.AsSpan(classifier * Dimensions, Dimensions)) + _biases[classifier]);
    }
}
