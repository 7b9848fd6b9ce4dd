using System.Globalization;

namespace RouteLLM;

/// <summary>Reads and writes <see cref="MatrixFactorizationModel"/> as an artifact of this library.</summary>
internal static class MatrixFactorizationArtifact
{
    public const string Kind = "matrix-factorization";
    public const string Version = "1";
    public const string ItemTensor = "items";
    public const string BiasTensor = "biases";
    public const string ProjectionTensor = "projection";

    private const string TieMarginKey = "tie_margin";

    private static readonly string[] s_ownKeys = [ArtifactMetadata.KindKey, ArtifactMetadata.VersionKey, ArtifactMetadata.NameKey, ArtifactMetadata.ModelsKey, ArtifactMetadata.DefaultPairKey, TieMarginKey, ArtifactMetadata.EmbedderKey];

    /// <exception cref="InvalidArtifactException">The file holds something else, or its parts do not fit together.</exception>
    public static MatrixFactorizationModel Read(SafetensorsFile file)
    {
        var metadata = new ArtifactMetadata(file);
        metadata.Require(Kind, Version);
        string[] models = metadata.Names(ArtifactMetadata.ModelsKey);
        if (models.Length < 2)
        {
            throw new InvalidArtifactException($"its {ArtifactMetadata.ModelsKey} has {models.Length} names, and at least 2 were expected.", file.Name);
        }

        string[]? pair = metadata.DefaultPair();
        double margin = metadata.Number(TieMarginKey);
        float[] items = file.ReadSingles(ItemTensor, models.Length, -1);
        float[] biases = file.ReadSingles(BiasTensor, models.Length);
        float[] projection = ReadProjection(file, ProjectionTensor, items.Length / models.Length);
        var info = new MatrixFactorizationModelInfo
        {
            Name = metadata.Text(ArtifactMetadata.NameKey),
            StrongModel = pair?[0],
            WeakModel = pair?[1],
            TieMargin = margin,
            Embedder = file.Metadata.GetValueOrDefault(ArtifactMetadata.EmbedderKey),
            Quantiles = metadata.Quantiles(),
            Metadata = file.Metadata.Where(static entry => !s_ownKeys.Contains(entry.Key)).ToDictionary(),
        };
        return Create(file, models, items, biases, projection, info);
    }

    /// <summary>Reads a projection, or gives nothing if there is none.</summary>
    public static float[] ReadProjection(SafetensorsFile file, string tensor, int rows)
    {
        if (!file.Tensors.ContainsKey(tensor))
        {
            return [];
        }

        float[] projection = file.ReadSingles(tensor, rows, -1);
        return projection.Length > 0 ? projection : throw new InvalidArtifactException("it is empty; leave it out where there is no projection.", file.Name, tensor);
    }

    /// <summary>Makes a model of what was read; what does not fit together is the file's fault.</summary>
    public static MatrixFactorizationModel Create(SafetensorsFile file, string[] models, float[] items, float[] biases, float[] projection, MatrixFactorizationModelInfo info)
    {
        try
        {
            return new MatrixFactorizationModel(models, items, biases, projection, info, file.Fingerprint);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidArtifactException(exception.Message, file.Name, innerException: exception);
        }
    }

    public static SafetensorsWriter Write(MatrixFactorizationModel model)
    {
        MatrixFactorizationModelInfo info = model.Info;
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in info.Metadata)
        {
            writer.Metadata[key] = value;
        }

        writer.Metadata[ArtifactMetadata.KindKey] = Kind;
        writer.Metadata[ArtifactMetadata.VersionKey] = Version;
        writer.Metadata[ArtifactMetadata.NameKey] = info.Name;
        writer.Metadata[ArtifactMetadata.ModelsKey] = ArtifactMetadata.Json(model.Models);
        writer.Metadata[TieMarginKey] = info.TieMargin.ToString(CultureInfo.InvariantCulture);
        Set(ArtifactMetadata.DefaultPairKey, info is { StrongModel: { } strong, WeakModel: { } weak } ? ArtifactMetadata.Json([strong, weak]) : null);
        Set(ArtifactMetadata.EmbedderKey, info.Embedder);

        writer.Add(ItemTensor, [model.Models.Count, model.Dimensions], model.Items);
        writer.Add(BiasTensor, [model.Models.Count], model.Biases);
        if (model.HasProjection)
        {
            writer.Add(ProjectionTensor, [model.Dimensions, model.EmbeddingDimensions], model.Projection);
        }

        if (info.Quantiles is { } quantiles)
        {
            writer.Add(ArtifactMetadata.QuantileTensor, [quantiles.Values.Count], [.. quantiles.Values.Select(static value => (float)value)]);
        }

        return writer;

        void Set(string key, string? value)
        {
            writer.Metadata.Remove(key);
            if (value is not null)
            {
                writer.Metadata[key] = value;
            }
        }
    }
}
