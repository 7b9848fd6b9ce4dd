using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RouteLLM;

/// <summary>Reads and writes <see cref="MatrixFactorizationModel"/> as an artifact of this library.</summary>
internal static class MatrixFactorizationArtifact
{
    public const string Kind = "matrix-factorization";
    public const string Version = "1";
    public const string ItemTensor = "items";
    public const string BiasTensor = "biases";
    public const string ProjectionTensor = "projection";
    public const string QuantileTensor = "quantiles";

    private const string KindKey = "kind";
    private const string VersionKey = "version";
    private const string NameKey = "name";
    private const string ModelsKey = "models";
    private const string DefaultPairKey = "default_pair";
    private const string TieMarginKey = "tie_margin";
    private const string EmbedderKey = "embedder";

    private static readonly string[] s_ownKeys = [KindKey, VersionKey, NameKey, ModelsKey, DefaultPairKey, TieMarginKey, EmbedderKey];

    /// <exception cref="InvalidArtifactException">The file holds something else, or its parts do not fit together.</exception>
    public static MatrixFactorizationModel Read(SafetensorsFile file)
    {
        Require(file, KindKey, Kind);
        Require(file, VersionKey, Version);
        string[] models = Names(file, ModelsKey);
        if (models.Length < 2)
        {
            throw new InvalidArtifactException($"its {ModelsKey} has {models.Length} names, and at least 2 were expected.", file.Name);
        }

        string[]? pair = file.Metadata.ContainsKey(DefaultPairKey) ? Names(file, DefaultPairKey) : null;
        if (pair is { Length: not 2 })
        {
            throw new InvalidArtifactException($"its {DefaultPairKey} has {pair.Length} names, and 2 were expected.", file.Name);
        }

        if (!double.TryParse(Text(file, TieMarginKey), NumberStyles.Float, CultureInfo.InvariantCulture, out double margin))
        {
            throw new InvalidArtifactException($"its {TieMarginKey} is {InvalidArtifactException.Quote(Text(file, TieMarginKey))}; expected a number of at least 0.", file.Name);
        }

        float[] items = file.ReadSingles(ItemTensor, models.Length, -1);
        float[] biases = file.ReadSingles(BiasTensor, models.Length);
        float[] projection = ReadProjection(file, ProjectionTensor, items.Length / models.Length);
        var info = new MatrixFactorizationModelInfo
        {
            Name = Text(file, NameKey),
            StrongModel = pair?[0],
            WeakModel = pair?[1],
            TieMargin = margin,
            Embedder = file.Metadata.GetValueOrDefault(EmbedderKey),
            Quantiles = Quantiles(file),
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

        writer.Metadata[KindKey] = Kind;
        writer.Metadata[VersionKey] = Version;
        writer.Metadata[NameKey] = info.Name;
        writer.Metadata[ModelsKey] = Json(model.Models);
        writer.Metadata[TieMarginKey] = info.TieMargin.ToString(CultureInfo.InvariantCulture);
        Set(DefaultPairKey, info is { StrongModel: { } strong, WeakModel: { } weak } ? Json([strong, weak]) : null);
        Set(EmbedderKey, info.Embedder);

        writer.Add(ItemTensor, [model.Models.Count, model.Dimensions], model.Items);
        writer.Add(BiasTensor, [model.Models.Count], model.Biases);
        if (model.HasProjection)
        {
            writer.Add(ProjectionTensor, [model.Dimensions, model.EmbeddingDimensions], model.Projection);
        }

        if (info.Quantiles is { } quantiles)
        {
            writer.Add(QuantileTensor, [quantiles.Values.Count], [.. quantiles.Values.Select(static value => (float)value)]);
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

    private static void Require(SafetensorsFile file, string key, string expected)
    {
        if (Text(file, key) is var value && value != expected)
        {
            throw new InvalidArtifactException($"its {key} is {InvalidArtifactException.Quote(value)}, and this version of the library reads '{expected}' here. Take an artifact made for it, or train one.", file.Name);
        }
    }

    private static string Text(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out string? value)
            ? value
            : throw new InvalidArtifactException(
                $"its metadata has no '{key}', and it has no tensor '{RouteLlmCheckpoint.ItemTensor}' as a checkpoint of RouteLLM's has; it is an artifact of another kind, or none.", file.Name);

    private static string[] Names(SafetensorsFile file, string key)
    {
        string text = Text(file, key);
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return [.. json.RootElement.EnumerateArray().Select(static name => name.GetString() ?? "")];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidArtifactException($"its {key} is {InvalidArtifactException.Quote(text)}; expected a JSON array of names.", file.Name, null, exception);
        }
    }

    private static ScoreQuantiles? Quantiles(SafetensorsFile file)
    {
        if (!file.Tensors.ContainsKey(QuantileTensor))
        {
            return null;
        }

        try
        {
            return new ScoreQuantiles(file.ReadSingles(QuantileTensor, -1).Select(static value => (double)value));
        }
        catch (ArgumentException exception)
        {
            throw new InvalidArtifactException(exception.Message, file.Name, QuantileTensor, exception);
        }
    }

    private static string Json(IEnumerable<string> names)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (string name in names)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
