using System.Buffers.Binary;
using System.Globalization;

namespace RouteLLM;

/// <summary>Reads and writes <see cref="ClusteredModel"/> as an artifact.</summary>
internal static class ClusteredArtifact
{
    public const string Kind = "clusters";
    public const string CentroidTensor = "centroids";
    public const string ClusterRowTensor = "cluster_rows";
    public const string ClassifierTensor = "classifier_of_cluster";
    public const string WeightTensor = "weights";
    public const string BiasTensor = "biases";

    private const string Version = "1";
    private const string SlopeKey = "calibration_slope";
    private const string InterceptKey = "calibration_intercept";

    private static readonly string[] s_ownKeys =
    [
        ArtifactMetadata.KindKey, ArtifactMetadata.VersionKey, ArtifactMetadata.NameKey, ArtifactMetadata.ModelsKey, ArtifactMetadata.DefaultPairKey, ArtifactMetadata.EmbedderKey, SlopeKey, InterceptKey,
    ];

    /// <exception cref="InvalidArtifactException">The file holds something else, or its parts do not fit together.</exception>
    public static ClusteredModel Read(SafetensorsFile file)
    {
        var metadata = new ArtifactMetadata(file);
        metadata.Require(Kind, Version);
        string[] models = metadata.Names(ArtifactMetadata.ModelsKey);
        string[]? pair = metadata.DefaultPair();
        float[] centroids = file.ReadSingles(CentroidTensor, -1, -1);
        int clusters = (int)file.Tensors[CentroidTensor].Shape[0];
        int[] clusterRows = ReadIntegers(file, ClusterRowTensor, clusters);
        int[] classifierOfCluster = ReadIntegers(file, ClassifierTensor, clusters);
        float[] biases = file.ReadSingles(BiasTensor, -1, models.Length);
        float[] weights = file.ReadSingles(WeightTensor, file.Tensors[BiasTensor].Shape[0], models.Length, file.Tensors[CentroidTensor].Shape[1]);
        var info = new ClusteredModelInfo
        {
            Name = metadata.Text(ArtifactMetadata.NameKey),
            StrongModel = pair?[0],
            WeakModel = pair?[1],
            CalibrationSlope = metadata.Number(SlopeKey),
            CalibrationIntercept = metadata.Number(InterceptKey),
            Embedder = file.Metadata.GetValueOrDefault(ArtifactMetadata.EmbedderKey),
            Quantiles = metadata.Quantiles(),
            Metadata = file.Metadata.Where(static entry => !s_ownKeys.Contains(entry.Key)).ToDictionary(),
        };
        try
        {
            return new ClusteredModel(models, centroids, clusterRows, classifierOfCluster, weights, biases, info, file.Fingerprint);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidArtifactException(exception.Message, file.Name, innerException: exception);
        }
    }

    public static SafetensorsWriter Write(ClusteredModel model)
    {
        ClusteredModelInfo info = model.Info;
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in info.Metadata)
        {
            writer.Metadata[key] = value;
        }

        foreach (string key in s_ownKeys)
        {
            writer.Metadata.Remove(key);
        }

        writer.Metadata[ArtifactMetadata.KindKey] = Kind;
        writer.Metadata[ArtifactMetadata.VersionKey] = Version;
        writer.Metadata[ArtifactMetadata.NameKey] = info.Name;
        writer.Metadata[ArtifactMetadata.ModelsKey] = ArtifactMetadata.Json(model.Models);
        writer.Metadata[SlopeKey] = info.CalibrationSlope.ToString(CultureInfo.InvariantCulture);
        writer.Metadata[InterceptKey] = info.CalibrationIntercept.ToString(CultureInfo.InvariantCulture);
        if (info is { StrongModel: { } strong, WeakModel: { } weak })
        {
            writer.Metadata[ArtifactMetadata.DefaultPairKey] = ArtifactMetadata.Json([strong, weak]);
        }

        if (info.Embedder is { } embedder)
        {
            writer.Metadata[ArtifactMetadata.EmbedderKey] = embedder;
        }

        writer.Add(CentroidTensor, [model.ClusterCount, model.EmbeddingDimensions], model.Centroids);
        AddIntegers(writer, ClusterRowTensor, [.. model.ClusterRows]);
        AddIntegers(writer, ClassifierTensor, model.ClassifierOfCluster);
        writer.Add(WeightTensor, [model.ClassifierCount, model.Models.Count, model.EmbeddingDimensions], model.Weights);
        writer.Add(BiasTensor, [model.ClassifierCount, model.Models.Count], model.Biases);
        if (info.Quantiles is { } quantiles)
        {
            writer.Add(ArtifactMetadata.QuantileTensor, [quantiles.Values.Count], [.. quantiles.Values.Select(static value => (float)value)]);
        }

        return writer;
    }

    private static int[] ReadIntegers(SafetensorsFile file, string tensor, int count) => file.GetTensor(tensor, SafetensorsType.I32, count).AsSpan<int>().ToArray();

    private static void AddIntegers(SafetensorsWriter writer, string tensor, ReadOnlySpan<int> values)
    {
        var bytes = new byte[values.Length * sizeof(int)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), values[i]);
        }

        writer.Add(tensor, SafetensorsType.I32, [values.Length], bytes);
    }
}
