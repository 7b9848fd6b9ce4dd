using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace RouteLLM;

/// <summary>A matrix factorisation over hashed text features: one projection of the text, and a vector and a bias for each model.</summary>
/// <remarks>
/// <para>
/// With x the weighted, L2-normalised <see cref="HashedTextFeatures"/> of a prompt and z = W^T x its projection, model m has the strength delta_m = v_m . z + b_m, and a is clearly better than b
/// with probability sigmoid(delta_a - delta_b - eta). The margin eta >= 0 is what ties take (Rao and Kupper, "Ties in Paired-Comparison Experiments", 1967): a tie is not a win.
/// </para>
/// <para>
/// What makes exam questions hard is not what makes users' requests hard, so there are two sets of vectors and biases, for traffic and for benchmarks, and a gate g = sigmoid(u . z + c), the probability that a
/// prompt is traffic, which mixes the two: delta = g delta_traffic + (1 - g) delta_benchmark (a mixture of experts; Jacobs et al., 1991).
/// </para>
/// <para>The factorisation is that of RouteLLM's matrix-factorisation router (Ong et al., 2024, section 4.2), with hashed features in place of a neural embedding.</para>
/// </remarks>
public sealed class HashedMatrixFactorizationModel
{
    internal const string Kind = "hashed-matrix-factorization";
    internal const string Version = "2";
    internal const string UsedTensor = "used_buckets";
    internal const string ProjectionTensor = "projection";
    internal const string FeatureWeightTensor = "feature_weights";
    internal const string OtherWeightTensor = "other_weights";
    internal const string ItemTensor = "items";
    internal const string BiasTensor = "biases";
    internal const string GateTensor = "gate";
    internal const int MaxDimensions = 64;

    // Traffic, then benchmarks.
    private const int Experts = 2;

    private readonly string _name;
    private readonly string[] _models;
    private readonly string[] _defaultPair;
    private readonly int _dimensions;

    // The buckets that have a row in the projection; what a bucket without one weighs depends on its block alone.
    private readonly int[] _buckets;
    private readonly float[] _projection;
    private readonly float[] _featureWeights;
    private readonly float[] _otherWeights;
    private readonly float[] _items;
    private readonly float[] _biases;
    private readonly float[] _gate;
    private readonly ScoreQuantiles _quantiles;

    private HashedMatrixFactorizationModel(SafetensorsFile file)
    {
        var metadata = new ArtifactMetadata(file);
        metadata.Require(Kind, Version);
        if (metadata.Text("features") is var features && features != HashedTextFeatures.Fingerprint)
        {
            throw new InvalidArtifactException($"its features are '{features}', and this version of the library reads '{HashedTextFeatures.Fingerprint}'. Take an artifact made for it, or train one.", file.Name);
        }

        _name = metadata.Text(ArtifactMetadata.NameKey);
        _models = Names(file, ArtifactMetadata.ModelsKey);
        _defaultPair = Names(file, ArtifactMetadata.DefaultPairKey);
        if (_defaultPair.Length != 2 || !_defaultPair.All(_models.Contains))
        {
            throw new InvalidArtifactException($"its default pair is {string.Join(", ", _defaultPair)}; expected two different ones of its models: {string.Join(", ", _models)}.", file.Name);
        }

        double margin = metadata.Number("tie_margin");
        if (margin is not (>= 0 and < 1000))
        {
            throw new InvalidArtifactException($"its tie margin is {margin.ToString(CultureInfo.InvariantCulture)}; expected a number of at least 0.", file.Name);
        }

        TieMargin = margin;
        _items = Finite(file, ItemTensor, Experts, _models.Length, -1);
        _dimensions = _items.Length / (Experts * _models.Length);
        if (_dimensions is < 1 or > MaxDimensions)
        {
            throw new InvalidArtifactException($"it has {_dimensions} dimensions; expected 1 to {MaxDimensions}.", file.Name, ItemTensor);
        }

        _biases = Finite(file, BiasTensor, Experts, _models.Length);
        _gate = Finite(file, GateTensor, _dimensions + 1);
        _buckets = Bits(file.GetTensor(UsedTensor, SafetensorsType.U8, HashedTextFeatures.BucketCount / 8).Data.Span);
        _projection = Finite(file, ProjectionTensor, _buckets.Length, _dimensions);
        _featureWeights = Positive(file, FeatureWeightTensor, _buckets.Length);
        _otherWeights = Positive(file, OtherWeightTensor, HashedTextFeatures.BlockEnds.Length);

        _quantiles = metadata.Quantiles() ?? throw new InvalidArtifactException("it is missing.", file.Name, ArtifactMetadata.QuantileTensor);
        Fingerprint = file.Fingerprint;
        Metadata = file.Metadata;
    }

    /// <summary>Gets the names of the models, in the order of their vectors.</summary>
    public IReadOnlyList<string> Models => _models;

    /// <summary>Gets the strong model of the default pair, the one probabilities are calibrated for.</summary>
    public string StrongModel => _defaultPair[0];

    /// <summary>Gets the weak model of the default pair.</summary>
    public string WeakModel => _defaultPair[1];

    /// <summary>Gets the number of dimensions of the models' vectors.</summary>
    public int Dimensions => _dimensions;

    /// <summary>Gets the margin eta by which a model must be stronger before it is as likely as not to be clearly better.</summary>
    public double TieMargin { get; }

    /// <summary>Gets the SHA-256 of the artifact, in lower-case hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <summary>Gets what the artifact says of itself, such as the data it was trained on.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Loads a model from a file.</summary>
    /// <param name="path">The file, in the safetensors format.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidArtifactException">The file is damaged or holds something else.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static HashedMatrixFactorizationModel Load(string path) => Load(SafetensorsFile.Load(path));

    /// <summary>Loads a model from a safetensors file that has been read.</summary>
    /// <param name="file">The file; it is copied from, not kept.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidArtifactException">The file holds something else, or a tensor has the wrong shape or a value that is not finite.</exception>
    public static HashedMatrixFactorizationModel Load(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new HashedMatrixFactorizationModel(file);
    }

    /// <summary>Makes the router for the default pair.</summary>
    /// <returns>The router; it carries the quantiles of its own scores.</returns>
    public HashedMatrixFactorizationRouter ForDefaultPair() => ForPair(StrongModel, WeakModel);

    /// <summary>Makes the router for two of the models.</summary>
    /// <param name="strongModel">The strong model's name.</param>
    /// <param name="weakModel">The weak model's name.</param>
    /// <returns>
    /// The router. Only that of the default pair is calibrated and carries quantiles: for another pair, take a <see cref="ScoreQuantiles"/> from scores of your own traffic.
    /// </returns>
    /// <exception cref="ArgumentException">A name is not one of <see cref="Models"/>, or both are the same.</exception>
    public HashedMatrixFactorizationRouter ForPair(string strongModel, string weakModel)
    {
        int strong = IndexOf(strongModel, nameof(strongModel));
        int weak = IndexOf(weakModel, nameof(weakModel));
        if (strong == weak)
        {
            throw new ArgumentException($"The strong and the weak model are both '{strongModel}'; a router chooses between two.", nameof(weakModel));
        }

        // Everything the pair needs is linear in the features: the difference of the two models under each expert, and the gate.
        Span<float> directions = stackalloc float[3 * _dimensions];
        Span<float> biases = stackalloc float[3];
        for (int expert = 0; expert < Experts; expert++)
        {
            ReadOnlySpan<float> items = _items.AsSpan(expert * _models.Length * _dimensions);
            TensorPrimitives.Subtract(items.Slice(strong * _dimensions, _dimensions), items.Slice(weak * _dimensions, _dimensions), directions[(expert * _dimensions)..]);
            biases[expert] = (float)(_biases[(expert * _models.Length) + strong] - _biases[(expert * _models.Length) + weak] - TieMargin);
        }

        _gate.AsSpan(0, _dimensions).CopyTo(directions[(Experts * _dimensions)..]);
        biases[Experts] = _gate[_dimensions];
        bool isDefaultPair = strongModel == StrongModel && weakModel == WeakModel;
        return new HashedMatrixFactorizationRouter(
            this,
            new RouterMetadata(_name, strongModel, weakModel, Fingerprint),
            Fold(directions),
            Vector128.Create(biases[0], biases[1], biases[2], 0),
            isDefaultPair ? _quantiles : null);
    }

    /// <summary>Folds projection and directions into what one bucket adds to traffic score, benchmark score, gate, and square of the norm.</summary>
    private Vector128<float>[] Fold(ReadOnlySpan<float> directions)
    {
        ReadOnlySpan<float> traffic = directions[.._dimensions];
        ReadOnlySpan<float> benchmark = directions.Slice(_dimensions, _dimensions);
        ReadOnlySpan<float> gate = directions[(2 * _dimensions)..];
        var table = new Vector128<float>[HashedTextFeatures.BucketCount];
        int blockStart = 0;
        foreach ((int blockEnd, float weight) in HashedTextFeatures.BlockEnds.ToArray().Zip(_otherWeights))
        {
            table.AsSpan(blockStart..blockEnd).Fill(Vector128.Create(0, 0, 0, weight) * weight);
            blockStart = blockEnd;
        }

        for (int used = 0; used < _buckets.Length; used++)
        {
            float weight = _featureWeights[used];
            float t = 0, b = 0, g = 0;
            ReadOnlySpan<float> row = _projection.AsSpan(used * _dimensions, _dimensions);
            for (int k = 0; k < row.Length; k++)
            {
                t += row[k] * traffic[k];
                b += row[k] * benchmark[k];
                g += row[k] * gate[k];
            }

            table[_buckets[used]] = Vector128.Create(t, b, g, weight) * weight;
        }

        return table;
    }

    private static string[] Names(SafetensorsFile file, string key)
    {
        string[] names = new ArtifactMetadata(file).Names(key);
        return names.Length >= 2 && names.Distinct().Count() == names.Length && !names.Any(string.IsNullOrEmpty)
            ? names
            : throw new InvalidArtifactException($"its {key} are {file.Metadata[key]}; expected at least two different names.", file.Name);
    }

    private static float[] Finite(SafetensorsFile file, string tensor, params ReadOnlySpan<long> shape)
    {
        float[] values = file.ReadSingles(tensor, shape);
        return TensorPrimitives.IsFiniteAll<float>(values)
            ? values
            : throw new InvalidArtifactException($"the value at {Array.FindIndex(values, static value => !float.IsFinite(value))} is not finite; the file is damaged or its training diverged.", file.Name, tensor);
    }

    private static float[] Positive(SafetensorsFile file, string tensor, params ReadOnlySpan<long> shape)
    {
        float[] values = Finite(file, tensor, shape);
        return values.AsSpan().IndexOfAnyInRange(float.MinValue, 0) < 0
            ? values
            : throw new InvalidArtifactException("a weight is not positive, and every feature must count.", file.Name, tensor);
    }

    /// <summary>Gives the numbers of the bits that are set, the lowest bit of the first byte first.</summary>
    private static int[] Bits(ReadOnlySpan<byte> bytes)
    {
        var numbers = new List<int>();
        for (int i = 0; i < bytes.Length; i++)
        {
            for (uint rest = bytes[i]; rest != 0; rest &= rest - 1)
            {
                numbers.Add((i * 8) + BitOperations.TrailingZeroCount(rest));
            }
        }

        return [.. numbers];
    }

    private int IndexOf(string model, string parameter)
    {
        ArgumentNullException.ThrowIfNull(model, parameter);
        int index = Array.IndexOf(_models, model);
        return index >= 0 ? index : throw new ArgumentException($"There is no model '{model}' here; the models are {string.Join(", ", _models)}.", parameter);
    }
}
