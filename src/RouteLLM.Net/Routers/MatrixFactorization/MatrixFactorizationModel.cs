using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>A matrix factorisation over dense embeddings: one projection of the prompt's embedding, and a vector and a bias for each model.</summary>
/// <remarks>
/// <para>
/// With e the embedding of a prompt, model m has the strength delta_m = v_m . (W e) + b_m, and a is better than b with probability sigmoid(delta_a - delta_b - eta)
/// (Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data", 2024, section 4.2). Without a projection W is the identity. For a pair of models all of this is one vector and one number,
/// so that scoring is a single inner product.
/// </para>
/// <para>
/// The margin eta >= 0 is what ties take (Rao and Kupper, "Ties in Paired-Comparison Experiments", 1967): with a margin, the probability is that of a clear win, and what two models leave of 1 is the probability of
/// a tie. Without one, as in RouteLLM's own checkpoints, ties were left out of training: the probability is that of a win given that one of the two wins, and says nothing about prompts that both answer equally well.
/// </para>
/// <para>
/// RouteLLM's published form, sigmoid(c . (p_a * W e) - c . (p_b * W e)) with rows p_m normalised to unit length, is the same with v_m = c * p_m and without biases; it is turned into it when a checkpoint is loaded.
/// Instances are immutable and thread-safe.
/// </para>
/// </remarks>
public sealed class MatrixFactorizationModel
{
    private readonly string[] _models;
    private readonly float[] _items;
    private readonly float[] _biases;
    private readonly float[] _projection;
    private string? _fingerprint;

    /// <summary>Initializes a new instance of the <see cref="MatrixFactorizationModel"/> class from weights, as training has them.</summary>
    /// <param name="models">The names of the models, all different, at least two.</param>
    /// <param name="items">The models' vectors, <c>[models, dimensions]</c> in C order.</param>
    /// <param name="biases">The models' biases, <c>[models]</c>.</param>
    /// <param name="projection">The projection, <c>[dimensions, embedding dimensions]</c> in C order; empty for none, when embeddings have as many dimensions as the models' vectors.</param>
    /// <param name="info">What else the model says of itself.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together, a weight is not finite, or a name, the default pair or the margin is not valid.</exception>
    public MatrixFactorizationModel(IReadOnlyList<string> models, ReadOnlySpan<float> items, ReadOnlySpan<float> biases, ReadOnlySpan<float> projection, MatrixFactorizationModelInfo? info = null)
        : this([.. models], items.ToArray(), biases.ToArray(), projection.ToArray(), info ?? new(), fingerprint: null)
    {
    }

    /// <summary>Takes the arrays as its own.</summary>
    internal MatrixFactorizationModel(string[] models, float[] items, float[] biases, float[] projection, MatrixFactorizationModelInfo info, string? fingerprint)
    {
        MatrixFactorizationChecks.Models(models);
        MatrixFactorizationChecks.Info(info, models);
        Dimensions = MatrixFactorizationChecks.Columns(items, models.Length, nameof(items));
        if (biases.Length != models.Length)
        {
            throw new ArgumentException($"There are {biases.Length} biases for {models.Length} models.", nameof(biases));
        }

        EmbeddingDimensions = projection.Length == 0 ? Dimensions : MatrixFactorizationChecks.Columns(projection, Dimensions, nameof(projection));
        MatrixFactorizationChecks.Finite(items, nameof(items));
        MatrixFactorizationChecks.Finite(biases, nameof(biases));
        MatrixFactorizationChecks.Finite(projection, nameof(projection));
        _models = models;
        _items = items;
        _biases = biases;
        _projection = projection;
        _fingerprint = fingerprint;
        Info = info;
    }

    /// <summary>Gets the names of the models, in the order of their vectors.</summary>
    public IReadOnlyList<string> Models => _models;

    /// <summary>Gets the number of dimensions of the models' vectors.</summary>
    public int Dimensions { get; }

    /// <summary>Gets the number of dimensions of embeddings.</summary>
    public int EmbeddingDimensions { get; }

    /// <summary>Gets a value indicating whether embeddings are projected.</summary>
    public bool HasProjection => _projection.Length > 0;

    /// <summary>Gets what the model says of itself: name, default pair, margin, embedder, quantiles, provenance.</summary>
    public MatrixFactorizationModelInfo Info { get; }

    /// <summary>Gets the SHA-256 of the file the model came from, or of what <see cref="Save"/> would write, in lower-case hexadecimal digits.</summary>
    public string Fingerprint => _fingerprint ??= SafetensorsFile.Parse(MatrixFactorizationArtifact.Write(this).ToArray()).Fingerprint;

    internal ReadOnlySpan<float> Items => _items;

    internal ReadOnlySpan<float> Biases => _biases;

    internal ReadOnlySpan<float> Projection => _projection;

    /// <summary>Loads a model from an artifact of this library, or from a checkpoint of RouteLLM's, told apart by what the file holds.</summary>
    /// <param name="path">A safetensors file, or a folder with a <c>model.safetensors</c>. A <c>config.json</c> beside a checkpoint is read and must agree with it.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidArtifactException">The file is damaged or holds something else, or its tensors do not fit together or are not finite.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static MatrixFactorizationModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafetensorsFile file = SafetensorsFile.Load(RouteLlmCheckpoint.WeightsPath(path));
        return RouteLlmCheckpoint.IsOne(file) ? RouteLlmCheckpoint.Read(file, RouteLlmCheckpoint.ConfigPath(path), null, null) : MatrixFactorizationArtifact.Read(file);
    }

    /// <summary>Loads a model from a safetensors file that has been read: an artifact of this library, or a checkpoint of RouteLLM's.</summary>
    /// <param name="file">The file; it is copied from, not kept.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidArtifactException">The file holds something else, or its tensors do not fit together or are not finite.</exception>
    public static MatrixFactorizationModel Load(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return RouteLlmCheckpoint.IsOne(file) ? RouteLlmCheckpoint.Read(file, null, null, null) : MatrixFactorizationArtifact.Read(file);
    }

    /// <summary>Loads a checkpoint in RouteLLM's format that was trained on other models, or with another embedder, than RouteLLM's own.</summary>
    /// <param name="path">A safetensors file, or a folder with a <c>model.safetensors</c>; a <c>config.json</c> beside it is read and must agree with it.</param>
    /// <param name="models">The models' names, in the order of the rows of <c>P.weight</c>; <see langword="null"/> for the 64 of RouteLLM's own table.</param>
    /// <param name="embedder">
    /// The embedder, see <see cref="MatrixFactorizationModelInfo.Embedder"/>; if <see langword="null"/>, <c>text-embedding-3-small/1536</c> for a checkpoint of 1,536 dimensions, as RouteLLM's own are, and unknown for others.
    /// </param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidArtifactException">The file is damaged or holds something else, or its tensors do not fit together or are not finite.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static MatrixFactorizationModel LoadRouteLlm(string path, IReadOnlyList<string>? models = null, string? embedder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return RouteLlmCheckpoint.Read(SafetensorsFile.Load(RouteLlmCheckpoint.WeightsPath(path)), RouteLlmCheckpoint.ConfigPath(path), models, embedder);
    }

    /// <summary>Writes the model as an artifact of this library: one safetensors file, with everything it says of itself in the metadata.</summary>
    /// <param name="path">The path. A file that is there is replaced whole or not at all.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => MatrixFactorizationArtifact.Write(this).Save(path);

    /// <summary>Folds the model for two of its models into one vector and one number, to score embeddings that are ready.</summary>
    /// <param name="strongModel">The strong model's name.</param>
    /// <param name="weakModel">The weak model's name.</param>
    /// <returns>The pair.</returns>
    /// <exception cref="ArgumentException">A name is not one of <see cref="Models"/>.</exception>
    public MatrixFactorizationPair ForPair(string strongModel, string weakModel)
    {
        int strong = ModelNames.IndexOf(_models, strongModel, nameof(strongModel));
        int weak = ModelNames.IndexOf(_models, weakModel, nameof(weakModel));
        var direction = new double[Dimensions];
        for (int k = 0; k < direction.Length; k++)
        {
            direction[k] = (double)_items[(strong * Dimensions) + k] - _items[(weak * Dimensions) + k];
        }

        return new MatrixFactorizationPair(strongModel, weakModel, Fold(direction), (double)_biases[strong] - _biases[weak] - Info.TieMargin);
    }

    /// <summary>Makes the router for two of the models.</summary>
    /// <param name="strongModel">The strong model's name.</param>
    /// <param name="weakModel">The weak model's name.</param>
    /// <param name="generator">Embeds prompts, as the prompts of the training were embedded. It stays the caller's.</param>
    /// <returns>The router. Only that of the default pair carries quantiles: for another pair, take a <see cref="ScoreQuantiles"/> from scores of your own traffic.</returns>
    /// <exception cref="ArgumentException">A name is not one of <see cref="Models"/>, both are the same, or the generator says it is another than <see cref="MatrixFactorizationModelInfo.Embedder"/>.</exception>
    public MatrixFactorizationRouter ForPair(string strongModel, string weakModel, IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        MatrixFactorizationPair pair = ForPair(strongModel, weakModel);
        if (strongModel == weakModel)
        {
            throw new ArgumentException($"The strong and the weak model are both '{strongModel}'; a router chooses between two.", nameof(weakModel));
        }

        CheckEmbedder(generator);
        bool isDefaultPair = strongModel == Info.StrongModel && weakModel == Info.WeakModel;
        return new MatrixFactorizationRouter(this, pair, generator, new RouterMetadata(Info.Name, strongModel, weakModel, Fingerprint), isDefaultPair ? Info.Quantiles : null);
    }

    /// <summary>Makes the router for the default pair.</summary>
    /// <param name="generator">Embeds prompts, as the prompts of the training were embedded. It stays the caller's.</param>
    /// <returns>The router.</returns>
    /// <exception cref="InvalidOperationException">The model has no default pair.</exception>
    /// <exception cref="ArgumentException">The generator says it is another than <see cref="MatrixFactorizationModelInfo.Embedder"/>.</exception>
    public MatrixFactorizationRouter ForDefaultPair(IEmbeddingGenerator<string, Embedding<float>> generator) =>
        Info is { StrongModel: { } strong, WeakModel: { } weak }
            ? ForPair(strong, weak, generator)
            : throw new InvalidOperationException($"The model names no default pair; choose two of its models: {string.Join(", ", _models)}.");

    /// <summary>Makes a predictor of the quality of several of the models' answers.</summary>
    /// <param name="generator">Embeds prompts, as the prompts of the training were embedded. It stays the caller's.</param>
    /// <param name="pool">The models to choose among, at least two; all of <see cref="Models"/> if <see langword="null"/>. A quality is relative to the pool.</param>
    /// <returns>The predictor.</returns>
    /// <exception cref="ArgumentException">A name is not one of <see cref="Models"/> or stands twice, or the generator says it is another than <see cref="MatrixFactorizationModelInfo.Embedder"/>.</exception>
    public MatrixFactorizationQualityPredictor ForPool(IEmbeddingGenerator<string, Embedding<float>> generator, IReadOnlyList<string>? pool = null)
    {
        CheckEmbedder(generator);
        string[] names = pool is null ? _models : [.. pool];
        MatrixFactorizationChecks.Models(names, nameof(pool));
        var strengths = new float[names.Length * EmbeddingDimensions];
        var biases = new double[names.Length];
        var direction = new double[Dimensions];
        for (int i = 0; i < names.Length; i++)
        {
            int index = ModelNames.IndexOf(_models, names[i], nameof(pool));
            TensorPrimitives.ConvertTruncating<float, double>(_items.AsSpan(index * Dimensions, Dimensions), direction);
            Fold(direction).CopyTo(strengths, i * EmbeddingDimensions);
            biases[i] = _biases[index];
        }

        return new MatrixFactorizationQualityPredictor(names, strengths, biases, Info.TieMargin, generator);
    }

    /// <summary>Gives W^T v: what a strength, or a difference of strengths, takes of each component of an embedding.</summary>
    private float[] Fold(ReadOnlySpan<double> direction)
    {
        var folded = new double[EmbeddingDimensions];
        if (HasProjection)
        {
            for (int k = 0; k < direction.Length; k++)
            {
                ReadOnlySpan<float> row = _projection.AsSpan(k * folded.Length, folded.Length);
                for (int j = 0; j < row.Length; j++)
                {
                    folded[j] += direction[k] * row[j];
                }
            }
        }
        else
        {
            direction.CopyTo(folded);
        }

        return Array.ConvertAll(folded, static value => (float)value);
    }

    private void CheckEmbedder(IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        EmbedderFingerprint.Check(generator, Info.Embedder, $"The matrix-factorisation model '{Info.Name}'");
    }
}
