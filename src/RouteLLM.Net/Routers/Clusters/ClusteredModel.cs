using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Clusters of prompts, and for each of them a classifier that says which of several models answers best.</summary>
/// <remarks>
/// <para>
/// A prompt's embedding e belongs to the cluster with the nearest centroid, by Euclidean distance. There, model m is the best of all with probability softmax(W_c e + b_c)_m: multinomial logistic regression, one for each cluster, or the global one for clusters
/// that had too few prompts to learn from.
/// </para>
/// <para>
/// What "best" means is the training's: the highest score, ties going to the cheapest model; or, learned from rewards, a share in them, which models that are equally good divide. So these are probabilities of being the model to call, not of a good answer.
/// Instances are immutable and thread-safe.
/// </para>
/// </remarks>
public sealed class ClusteredModel
{
    private readonly string[] _models;
    private readonly float[] _centroids;
    private readonly float[] _halfSquares;
    private readonly int[] _clusterRows;
    private readonly int[] _classifierOfCluster;
    private readonly float[] _weights;
    private readonly float[] _biases;
    private string? _fingerprint;

    /// <summary>Initializes a new instance of the <see cref="ClusteredModel"/> class from weights, as training has them.</summary>
    /// <param name="models">The names of the models, all different, at least two.</param>
    /// <param name="centroids">The clusters' centroids, <c>[clusters, dimensions]</c> in C order.</param>
    /// <param name="clusterRows">How many prompts of the training each cluster has, <c>[clusters]</c>: at least 0, and not all 0.</param>
    /// <param name="classifierOfCluster">For each cluster the index of its classifier, <c>[clusters]</c>; 0 for the global one.</param>
    /// <param name="weights">The classifiers' weights, <c>[classifiers, models, dimensions]</c> in C order, the global one first.</param>
    /// <param name="biases">The classifiers' biases, <c>[classifiers, models]</c>.</param>
    /// <param name="info">What else the model says of itself.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together, a number is not finite, or a name, an index, a count, the default pair or the calibration is not valid.</exception>
    public ClusteredModel(
        IReadOnlyList<string> models,
        ReadOnlySpan<float> centroids,
        ReadOnlySpan<int> clusterRows,
        ReadOnlySpan<int> classifierOfCluster,
        ReadOnlySpan<float> weights,
        ReadOnlySpan<float> biases,
        ClusteredModelInfo? info = null)
        : this([.. models], centroids.ToArray(), clusterRows.ToArray(), classifierOfCluster.ToArray(), weights.ToArray(), biases.ToArray(), info ?? new(), fingerprint: null)
    {
    }

    /// <summary>Takes the arrays as its own.</summary>
    internal ClusteredModel(
        string[] models, float[] centroids, int[] clusterRows, int[] classifierOfCluster, float[] weights, float[] biases, ClusteredModelInfo info, string? fingerprint)
    {
        (EmbeddingDimensions, ClassifierCount) = ClusteredModelChecks.Shapes(models, centroids, clusterRows, classifierOfCluster, weights, biases);
        ClusteredModelChecks.Info(info, models);
        _models = models;
        _centroids = centroids;
        _clusterRows = clusterRows;
        _classifierOfCluster = classifierOfCluster;
        _weights = weights;
        _biases = biases;
        _fingerprint = fingerprint;
        Info = info;

        // |e - c|^2 = |e|^2 - 2 (e . c - |c|^2 / 2): the nearest centroid has the greatest e . c - |c|^2 / 2.
        _halfSquares = new float[ClusterCount];
        for (int cluster = 0; cluster < _halfSquares.Length; cluster++)
        {
            _halfSquares[cluster] = TensorPrimitives.SumOfSquares(Centroid(cluster)) / 2;
        }
    }

    /// <summary>Gets the names of the models, in the order of the classifiers' classes.</summary>
    public IReadOnlyList<string> Models => _models;

    /// <summary>Gets the number of dimensions of embeddings.</summary>
    public int EmbeddingDimensions { get; }

    /// <summary>Gets the number of clusters.</summary>
    public int ClusterCount => _clusterRows.Length;

    /// <summary>Gets the number of classifiers: the global one, and those that clusters have for themselves.</summary>
    public int ClassifierCount { get; }

    /// <summary>Gets how many prompts of the training each cluster has: the mix that traffic is compared with.</summary>
    public IReadOnlyList<int> ClusterRows => _clusterRows;

    /// <summary>Gets what the model says of itself: name, default pair and its calibration, embedder, quantiles, provenance.</summary>
    public ClusteredModelInfo Info { get; }

    /// <summary>Gets the SHA-256 of the file the model came from, or of what <see cref="Save"/> would write, in lower-case hexadecimal digits.</summary>
    public string Fingerprint => _fingerprint ??= SafetensorsFile.Parse(ClusteredArtifact.Write(this).ToArray()).Fingerprint;

    internal ReadOnlySpan<float> Centroids => _centroids;

    internal ReadOnlySpan<int> ClassifierOfCluster => _classifierOfCluster;

    internal ReadOnlySpan<float> Weights => _weights;

    internal ReadOnlySpan<float> Biases => _biases;

    /// <summary>Loads a model from a file.</summary>
    /// <param name="path">The file, in the safetensors format.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidArtifactException">The file is damaged or holds something else, or its tensors do not fit together or are not finite.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ClusteredModel Load(string path) => Load(SafetensorsFile.Load(path));

    /// <summary>Loads a model from a safetensors file that has been read.</summary>
    /// <param name="file">The file; it is copied from, not kept.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidArtifactException">The file holds something else, or its tensors do not fit together or are not finite.</exception>
    public static ClusteredModel Load(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return ClusteredArtifact.Read(file);
    }

    /// <summary>Writes the model to a file: one safetensors file, with everything it says of itself in the metadata.</summary>
    /// <param name="path">The path. A file that is there is replaced whole or not at all.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => ClusteredArtifact.Write(this).Save(path);

    /// <summary>Says whether a cluster has a classifier of its own.</summary>
    /// <param name="cluster">The cluster, in [0, <see cref="ClusterCount"/>).</param>
    /// <returns><see langword="true"/> if it has; <see langword="false"/> if the global one serves it, because the cluster had too few prompts to learn from.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such cluster.</exception>
    public bool HasOwnClassifier(int cluster)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cluster);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cluster, ClusterCount);
        return _classifierOfCluster[cluster] > 0;
    }

    /// <summary>Finds the cluster of a prompt that is already embedded.</summary>
    /// <param name="embedding">The prompt's vector, <c>[EmbeddingDimensions]</c>.</param>
    /// <returns>The cluster, in [0, <see cref="ClusterCount"/>).</returns>
    /// <exception cref="ArgumentException">The vector has another number of dimensions, or components that are not finite.</exception>
    public int AssignCluster(ReadOnlySpan<float> embedding)
    {
        CheckDimensions(embedding);
        int cluster = Nearest(embedding);
        return cluster >= 0 ? cluster : throw new ArgumentException("The embedding is near to no cluster: it has components that are not finite, or too large. Check the embedder that made it.", nameof(embedding));
    }

    /// <summary>Makes the router for two of the models.</summary>
    /// <param name="strongModel">The strong model's name.</param>
    /// <param name="weakModel">The weak model's name.</param>
    /// <param name="generator">Embeds prompts, as the prompts of the training were embedded. It stays the caller's.</param>
    /// <returns>The router. Only that of the default pair is calibrated and carries quantiles: for another pair, take a <see cref="ScoreQuantiles"/> from scores of your own traffic.</returns>
    /// <exception cref="ArgumentException">A name is not one of <see cref="Models"/>, both are the same, or the generator says it is another than <see cref="ClusteredModelInfo.Embedder"/>.</exception>
    public ClusteredRouter ForPair(string strongModel, string weakModel, IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        int strong = ModelNames.IndexOf(_models, strongModel, nameof(strongModel));
        int weak = ModelNames.IndexOf(_models, weakModel, nameof(weakModel));
        if (strong == weak)
        {
            throw new ArgumentException($"The strong and the weak model are both '{strongModel}'; a router chooses between two.", nameof(weakModel));
        }

        CheckEmbedder(generator);
        return new ClusteredRouter(this, strong, weak, generator);
    }

    /// <summary>Makes the router for the default pair.</summary>
    /// <param name="generator">Embeds prompts, as the prompts of the training were embedded. It stays the caller's.</param>
    /// <returns>The router.</returns>
    /// <exception cref="InvalidOperationException">The model has no default pair.</exception>
    /// <exception cref="ArgumentException">The generator says it is another than <see cref="ClusteredModelInfo.Embedder"/>.</exception>
    public ClusteredRouter ForDefaultPair(IEmbeddingGenerator<string, Embedding<float>> generator) =>
        Info is { StrongModel: { } strong, WeakModel: { } weak }
            ? ForPair(strong, weak, generator)
            : throw new InvalidOperationException($"The model names no default pair; choose two of its models: {string.Join(", ", _models)}.");

    /// <summary>Makes a predictor of which of several models is the best for a prompt.</summary>
    /// <param name="generator">Embeds prompts, as the prompts of the training were embedded. It stays the caller's.</param>
    /// <param name="pool">The models to choose among, at least two; all of <see cref="Models"/> if <see langword="null"/>.</param>
    /// <returns>The predictor.</returns>
    /// <exception cref="ArgumentException">A name is not one of <see cref="Models"/> or stands twice, or the generator says it is another than <see cref="ClusteredModelInfo.Embedder"/>.</exception>
    public ClusteredQualityPredictor ForPool(IEmbeddingGenerator<string, Embedding<float>> generator, IReadOnlyList<string>? pool = null)
    {
        CheckEmbedder(generator);
        string[] names = pool is null ? _models : [.. pool];
        MatrixFactorizationChecks.Models(names, nameof(pool));
        return new ClusteredQualityPredictor(this, names, [.. names.Select(name => ModelNames.IndexOf(_models, name, nameof(pool)))], generator);
    }

    /// <summary>Gives the nearest cluster of a vector of the right number of dimensions; -1 if its components leave none.</summary>
    internal int Nearest(ReadOnlySpan<float> embedding)
    {
        int nearest = -1;
        float best = float.NegativeInfinity;
        for (int cluster = 0; cluster < _halfSquares.Length; cluster++)
        {
            float closeness = TensorPrimitives.Dot(embedding, Centroid(cluster)) - _halfSquares[cluster];
            if (closeness > best)
            {
                best = closeness;
                nearest = cluster;
            }
        }

        return best < float.PositiveInfinity ? nearest : -1;
    }

    /// <summary>Gives a model's logit by the classifier of a cluster.</summary>
    internal double Logit(int cluster, int model, ReadOnlySpan<float> embedding)
    {
        int row = (_classifierOfCluster[cluster] * _models.Length) + model;
        return TensorPrimitives.Dot(embedding, _weights.AsSpan(row * EmbeddingDimensions, EmbeddingDimensions)) + (double)_biases[row];
    }

    internal void CheckDimensions(ReadOnlySpan<float> embedding)
    {
        if (embedding.Length != EmbeddingDimensions)
        {
            throw new ArgumentException($"The embedding has {embedding.Length} dimensions, but the model was made for {EmbeddingDimensions}. Use the embedder it was made with.", nameof(embedding));
        }
    }

    private ReadOnlySpan<float> Centroid(int cluster) => _centroids.AsSpan(cluster * EmbeddingDimensions, EmbeddingDimensions);

    private void CheckEmbedder(IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        EmbedderFingerprint.Check(generator, Info.Embedder, $"The clustered model '{Info.Name}'");
    }
}
