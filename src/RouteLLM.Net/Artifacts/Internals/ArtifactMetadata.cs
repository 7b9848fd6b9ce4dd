using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RouteLLM;

/// <summary>Reads what artifacts of any kind say of themselves, and says what is wrong with it.</summary>
internal readonly struct ArtifactMetadata(SafetensorsFile file)
{
    public const string KindKey = "kind";
    public const string VersionKey = "version";
    public const string NameKey = "name";
    public const string ModelsKey = "models";
    public const string DefaultPairKey = "default_pair";
    public const string EmbedderKey = "embedder";
    public const string QuantileTensor = "quantiles";

    /// <summary>Throws if the artifact is of another kind or version.</summary>
    public void Require(string kind, string version)
    {
        Require(KindKey, kind, "there");
        Require(VersionKey, version, "of that kind");
    }

    public string Text(string key) =>
        file.Metadata.TryGetValue(key, out string? value)
            ? value
            : throw new InvalidArtifactException($"its metadata has no '{key}'; it is an artifact of another kind, or none. Check the path.", file.Name);

    public double Number(string key) =>
        double.TryParse(Text(key), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw new InvalidArtifactException($"its {key} is {InvalidArtifactException.Quote(Text(key))}; expected a number.", file.Name);

    /// <summary>Reads a JSON array of names.</summary>
    public string[] Names(string key)
    {
        string text = Text(key);
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

    /// <summary>Reads the default pair, the strong model first, or gives <see langword="null"/> if there is none.</summary>
    public string[]? DefaultPair()
    {
        if (!file.Metadata.ContainsKey(DefaultPairKey))
        {
            return null;
        }

        string[] pair = Names(DefaultPairKey);
        return pair.Length == 2 ? pair : throw new InvalidArtifactException($"its {DefaultPairKey} has {pair.Length} names, and 2 were expected.", file.Name);
    }

    /// <summary>Reads the quantiles of the default pair's scores, or gives <see langword="null"/> if there are none.</summary>
    public ScoreQuantiles? Quantiles()
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

    /// <summary>Writes names as a JSON array.</summary>
    public static string Json(IEnumerable<string> names)
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

    private void Require(string key, string expected, string where)
    {
        if (Text(key) is var value && value != expected)
        {
            throw new InvalidArtifactException($"its {key} is {InvalidArtifactException.Quote(value)}, and '{expected}' is what is read {where}. Take an artifact made for it, or train one.", file.Name);
        }
    }
}
