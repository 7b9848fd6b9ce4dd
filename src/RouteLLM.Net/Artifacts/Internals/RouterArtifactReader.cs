using System.Security.Cryptography;
using System.Text.Json;

namespace RouteLLM;

/// <summary>Reads what artifacts of all kinds have in common: the keys of their metadata, and the tensor of quantiles.</summary>
internal static class RouterArtifactReader
{
    private const string KindKey = "kind";
    private const string QuantileTensor = "quantiles";

    /// <summary>Gets the kinds that <see cref="RouterArtifact.Load"/> makes routers of.</summary>
    public static IReadOnlyList<string> KnownKinds { get; } = [HashedMatrixFactorizationModel.Kind, LinearArtifact.Kind, MatrixFactorizationArtifact.Kind, ClusteredArtifact.Kind, BattleIndexFormat.Kind, RouteLlmCheckpoint.Kind];

    /// <exception cref="InvalidArtifactException">The file does not say.</exception>
    public static string KindOf(IReadOnlyDictionary<string, string> metadata, Func<string, bool> hasTensor, string? name) =>
        metadata.TryGetValue(KindKey, out string? kind) ? kind
        : hasTensor(RouteLlmCheckpoint.ItemTensor) ? RouteLlmCheckpoint.Kind
        : throw new InvalidArtifactException(
            $"its metadata has no '{KindKey}', and it has no tensor '{RouteLlmCheckpoint.ItemTensor}' as a checkpoint of RouteLLM's has; it is a safetensors file of something other than a router.", name);

    public static RouterArtifactInfo Read(string path)
    {
        using MappedSafetensors file = MappedSafetensors.Open(path);
        return Create(file.Metadata, [.. file.Entries.Select(static entry => new RouterArtifactTensor(entry.Name, entry.Type, entry.Shape))], path, file.Memory.Length, Hash, file.CopyTensor);

        string Hash()
        {
            using FileStream stream = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
    }

    public static RouterArtifactInfo Read(SafetensorsFile file) => Create(
        file.Metadata,
        [.. file.Tensors.Values.Select(static tensor => new RouterArtifactTensor(tensor.Name, tensor.DType, tensor.Shape))],
        file.Name ?? "(in memory)",
        file.Length,
        () => file.Fingerprint,
        name => file.GetTensor(name));

    private static RouterArtifactInfo Create(
        IReadOnlyDictionary<string, string> metadata, RouterArtifactTensor[] tensors, string name, long size, Func<string> hash, Func<string, SafetensorsTensor> tensorOf)
    {
        string kind = KindOf(metadata, wanted => tensors.Any(tensor => tensor.Name == wanted), name);
        bool isCheckpoint = kind == RouteLlmCheckpoint.Kind;
        IReadOnlyList<string> models = Names("models");
        IReadOnlyList<string> pair = Names("default_pair");
        if (isCheckpoint && tensors.First(static tensor => tensor.Name == RouteLlmCheckpoint.ItemTensor).Shape is [var rows, _] && rows == RouteLlmCheckpoint.Models.Count)
        {
            models = RouteLlmCheckpoint.Models;
            pair = [RouteLlmCheckpoint.StrongModel, RouteLlmCheckpoint.WeakModel];
        }

        return new RouterArtifactInfo
        {
            FileName = name,
            Kind = kind,
            Version = metadata.GetValueOrDefault("version"),
            IsKnownKind = KnownKinds.Contains(kind),
            Name = metadata.GetValueOrDefault("name"),
            Models = models,
            StrongModel = pair is [var strong, _] ? strong : null,
            WeakModel = pair is [_, var weak] ? weak : null,
            Embedder = metadata.GetValueOrDefault("embedder") ?? metadata.GetValueOrDefault("features"),
            Size = size,
            Fingerprint = metadata.GetValueOrDefault(BattleIndexFormat.FingerprintKey) ?? hash(),
            Metadata = metadata,
            Tensors = tensors,
            Quantiles = tensors.Any(static tensor => tensor.Name == QuantileTensor) ? Quantiles(tensorOf(QuantileTensor), name) : null,
        };

        // The kind's own reader says what is wrong with a list; to tell what is in the file, one that cannot be read is none.
        IReadOnlyList<string> Names(string key)
        {
            try
            {
                using JsonDocument json = JsonDocument.Parse(metadata.GetValueOrDefault(key, "[]"));
                return [.. json.RootElement.EnumerateArray().Select(static element => element.GetString() ?? "")];
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                return [];
            }
        }
    }

    private static ScoreQuantiles Quantiles(SafetensorsTensor tensor, string artifact)
    {
        try
        {
            return new ScoreQuantiles(tensor.ToSingles().Select(static value => (double)value));
        }
        catch (ArgumentException exception)
        {
            throw new InvalidArtifactException(exception.Message, artifact, QuantileTensor, exception);
        }
    }
}
