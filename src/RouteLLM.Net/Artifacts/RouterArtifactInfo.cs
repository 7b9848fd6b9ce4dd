namespace RouteLLM;

/// <summary>What is in an artifact, as far as it can be told without making a router of it.</summary>
public sealed class RouterArtifactInfo
{
    internal RouterArtifactInfo()
    {
    }

    /// <summary>Gets the artifact's path, or what else it goes by in messages.</summary>
    public required string FileName { get; init; }

    /// <summary>Gets the kind, such as <c>hashed-matrix-factorization</c>; for a checkpoint of RouteLLM's, which does not say, <c>routellm-checkpoint</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets the version of the kind's format, or <see langword="null"/> if the artifact does not say.</summary>
    public required string? Version { get; init; }

    /// <summary>Gets a value indicating whether <see cref="RouterArtifact.Load"/> makes routers of this kind; whether of this version, loading will tell.</summary>
    public required bool IsKnownKind { get; init; }

    /// <summary>Gets the router's default name, or <see langword="null"/> if the artifact does not say.</summary>
    public required string? Name { get; init; }

    /// <summary>Gets the names of the models; empty if the artifact does not say.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Gets the strong model of the default pair, or <see langword="null"/> if there is no such pair.</summary>
    public required string? StrongModel { get; init; }

    /// <summary>Gets the weak model of the default pair, or <see langword="null"/> if there is no such pair.</summary>
    public required string? WeakModel { get; init; }

    /// <summary>Gets what turns prompts into numbers: the embedder or the hashed features that the artifact was made with, or <see langword="null"/> if it does not say.</summary>
    public required string? Embedder { get; init; }

    /// <summary>Gets the size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Gets the fingerprint that routers of this artifact have in their metadata: the hash that the artifact states of itself, as an index does, else the SHA-256 of the file, in lower-case hexadecimal digits.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Gets all metadata, such as data, licences and settings of the training.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>Gets the tensors, by name.</summary>
    public required IReadOnlyList<RouterArtifactTensor> Tensors { get; init; }

    /// <summary>Gets the quantiles of the default pair's scores over the traffic it was calibrated on, or <see langword="null"/> if the artifact has none.</summary>
    public required ScoreQuantiles? Quantiles { get; init; }
}
