using System.Runtime.InteropServices;

namespace RouteLLM;

/// <summary>What a <see cref="LinearModel"/> is made of, as it stands in a file.</summary>
internal sealed class LinearArtifact
{
    public const string Kind = "linear";
    public const string Version = "1";

    private const string FeaturesKey = "features";
    private const string WeightingKey = "weighting";
    private const string LinkKey = "link";
    private const string BucketTensor = "buckets";
    private const string FeatureWeightTensor = "feature_weights";
    private const string UnseenWeightTensor = "unseen_weights";
    private const string WeightTensor = "weights";
    private const string BiasTensor = "biases";
    private const string CalibrationTensor = "calibration";

    private static readonly string[] s_weightings = ["binary", "tf-idf"];
    private static readonly string[] s_links = ["win-probability", "quality", "quality-logit"];

    public required string Name { get; init; }

    public required string[] Models { get; init; }

    public required string[] DefaultPair { get; init; }

    public required LinearFeatures Features { get; init; }

    public required LinearLink Link { get; init; }

    /// <summary>Gets the buckets that have weights, ascending.</summary>
    public required int[] Buckets { get; init; }

    /// <summary>Gets the inverse document frequency of each of <see cref="Buckets"/>, times a factor for its block.</summary>
    public required float[] FeatureWeights { get; init; }

    /// <summary>Gets the same for all buckets that are not listed, one number a block. 0 leaves them out.</summary>
    public required float[] UnseenWeights { get; init; }

    /// <summary>Gets the weights, <c>[outputs, buckets]</c>.</summary>
    public required float[] Weights { get; init; }

    /// <summary>Gets the biases, <c>[outputs]</c>.</summary>
    public required float[] Biases { get; init; }

    /// <summary>Gets the slope and the intercept of each pair, <c>[models, models, 2]</c>; empty for one pair, whose calibration is part of its weights.</summary>
    public required float[] Calibrations { get; init; }

    public required ScoreQuantiles Quantiles { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public string Fingerprint { get; init; } = "";

    /// <exception cref="InvalidArtifactException">The file holds something else, or its parts do not fit together.</exception>
    public static LinearArtifact Read(SafetensorsFile file)
    {
        var metadata = new ArtifactMetadata(file);
        metadata.Require(Kind, Version);
        if (metadata.Text(FeaturesKey) is var features && features != HashedTextFeatures.Fingerprint)
        {
            throw new InvalidArtifactException($"its {FeaturesKey} are {InvalidArtifactException.Quote(features)}, and '{HashedTextFeatures.Fingerprint}' is what this version of the library reads. Train it again.", file.Name);
        }

        var link = (LinearLink)Choice(LinkKey, s_links);
        string[] models = metadata.Names(ArtifactMetadata.ModelsKey);
        if (models.Length < 2 || models.Distinct().Count() != models.Length || models.Any(string.IsNullOrWhiteSpace))
        {
            throw new InvalidArtifactException($"its {ArtifactMetadata.ModelsKey} are {models.Length} names; expected at least two, all different and none empty.", file.Name);
        }

        string[] pair = metadata.DefaultPair() ?? throw new InvalidArtifactException($"its metadata has no '{ArtifactMetadata.DefaultPairKey}'.", file.Name);
        if (pair[0] == pair[1] || !pair.All(models.Contains) || (link == LinearLink.WinProbability && !pair.SequenceEqual(models)))
        {
            throw new InvalidArtifactException($"its default pair does not fit its models, which are {string.Join(", ", models.Select(InvalidArtifactException.Quote))}.", file.Name);
        }

        int[] buckets = file.GetTensor(BucketTensor, SafetensorsType.I32, -1).AsSpan<int>().ToArray();
        for (int i = 0; i < buckets.Length; i++)
        {
            if (buckets[i] <= (i == 0 ? -1 : buckets[i - 1]) || buckets[i] >= HashedTextFeatures.BucketCount)
            {
                throw new InvalidArtifactException($"its element {i} is {buckets[i]}; buckets ascend from 0 to {HashedTextFeatures.BucketCount - 1}. The file is damaged: fetch or write it again.", file.Name, BucketTensor);
            }
        }

        int outputs = link == LinearLink.WinProbability ? 1 : models.Length;
        return new LinearArtifact
        {
            Name = metadata.Text(ArtifactMetadata.NameKey),
            Models = models,
            DefaultPair = pair,
            Features = (LinearFeatures)Choice(WeightingKey, s_weightings),
            Link = link,
            Buckets = buckets,
            FeatureWeights = NotNegative(FeatureWeightTensor, buckets.Length),
            UnseenWeights = NotNegative(UnseenWeightTensor, HashedTextFeatures.BlockEnds.Length),
            Weights = file.ReadSingles(WeightTensor, outputs, buckets.Length),
            Biases = file.ReadSingles(BiasTensor, outputs),
            Calibrations = link == LinearLink.WinProbability ? [] : file.ReadSingles(CalibrationTensor, models.Length, models.Length, 2),
            Quantiles = metadata.Quantiles() ?? throw new InvalidArtifactException("there is no such tensor.", file.Name, ArtifactMetadata.QuantileTensor),
            Metadata = file.Metadata,
            Fingerprint = file.Fingerprint,
        };

        int Choice(string key, string[] choices) => Array.IndexOf(choices, metadata.Text(key)) is var index and >= 0
            ? index
            : throw new InvalidArtifactException($"its {key} is {InvalidArtifactException.Quote(metadata.Text(key))}; expected one of {string.Join(", ", choices)}.", file.Name);

        float[] NotNegative(string tensor, int length)
        {
            float[] values = file.ReadSingles(tensor, length);
            int wrong = Array.FindIndex(values, static value => value < 0);
            return wrong < 0 ? values : throw new InvalidArtifactException($"its element {wrong} is {values[wrong]}; a feature's weight is at least 0.", file.Name, tensor);
        }
    }

    /// <summary>Writes the artifact; what is in <see cref="Metadata"/> comes first and cannot replace what loading needs.</summary>
    public SafetensorsWriter Write()
    {
        int outputs = Biases.Length;
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in Metadata)
        {
            writer.Metadata[key] = value;
        }

        writer.Metadata[ArtifactMetadata.KindKey] = Kind;
        writer.Metadata[ArtifactMetadata.VersionKey] = Version;
        writer.Metadata[ArtifactMetadata.NameKey] = Name;
        writer.Metadata[ArtifactMetadata.ModelsKey] = ArtifactMetadata.Json(Models);
        writer.Metadata[ArtifactMetadata.DefaultPairKey] = ArtifactMetadata.Json(DefaultPair);
        writer.Metadata[FeaturesKey] = HashedTextFeatures.Fingerprint;
        writer.Metadata[WeightingKey] = s_weightings[(int)Features];
        writer.Metadata[LinkKey] = s_links[(int)Link];
        writer.Add(BucketTensor, SafetensorsType.I32, [Buckets.Length], MemoryMarshal.AsBytes(Buckets.AsSpan()));
        writer.Add(FeatureWeightTensor, [Buckets.Length], Halves(FeatureWeights));
        writer.Add(UnseenWeightTensor, [UnseenWeights.Length], UnseenWeights);
        writer.Add(WeightTensor, [outputs, Buckets.Length], Halves(Weights));
        writer.Add(BiasTensor, [outputs], Biases);
        if (Calibrations.Length > 0)
        {
            writer.Add(CalibrationTensor, [Models.Length, Models.Length, 2], Calibrations);
        }

        writer.Add(ArtifactMetadata.QuantileTensor, [Quantiles.Values.Count], [.. Quantiles.Values.Select(static q => (float)q)]);
        return writer;
    }

    public ReadOnlySpan<float> WeightsOf(int output) => Weights.AsSpan(output * Buckets.Length, Buckets.Length);

    public (double Slope, double Intercept) Calibration(int strong, int weak)
    {
        int at = 2 * ((strong * Models.Length) + weak);
        return (Calibrations[at], Calibrations[at + 1]);
    }

    /// <summary>Gives the square of every bucket's weight, listed or not.</summary>
    public float[] Squares()
    {
        var squares = new float[HashedTextFeatures.BucketCount];
        int start = 0;
        for (int block = 0; block < UnseenWeights.Length; block++)
        {
            int end = HashedTextFeatures.BlockEnds[block];
            squares.AsSpan(start..end).Fill(UnseenWeights[block] * UnseenWeights[block]);
            start = end;
        }

        for (int i = 0; i < Buckets.Length; i++)
        {
            squares[Buckets[i]] = FeatureWeights[i] * FeatureWeights[i];
        }

        return squares;
    }

    private static Half[] Halves(float[] values) => Array.ConvertAll(values, static value => (Half)value);
}
