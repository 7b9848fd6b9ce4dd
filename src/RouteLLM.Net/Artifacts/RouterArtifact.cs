using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Makes routers of artifacts on disk, whatever kind they are of, and tells what is in them.</summary>
/// <remarks>
/// An artifact is one safetensors file that says in its metadata which kind it is; RouteLLM's own checkpoints, which say nothing, are known by their tensors. Where the kind is known beforehand, the kind's own
/// type, such as <see cref="HashedMatrixFactorizationModel"/> or <see cref="BattleIndex"/>, has more to offer.
/// </remarks>
public static class RouterArtifact
{
    /// <summary>Makes the router for a pair of an artifact's models.</summary>
    /// <param name="path">The file, or the folder of a checkpoint of RouteLLM's.</param>
    /// <param name="options">The pair, what embeds prompts, and more; the artifact's default pair if <see langword="null"/>.</param>
    /// <returns>The router. That of a battle index keeps the file mapped into memory as long as it lives.</returns>
    /// <exception cref="InvalidArtifactException">The file is damaged, or of a kind or a version that this version of the library does not know.</exception>
    /// <exception cref="MissingEmbedderException">The artifact scores embeddings, and no generator was given.</exception>
    /// <exception cref="ArgumentException">The artifact has no such models, names no default pair and none was chosen, or was made with another embedder than the one given.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static IRouter Load(string path, RouterArtifactOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new RouterArtifactOptions();
        return KindOf(path) switch
        {
            HashedMatrixFactorizationModel.Kind => LoadHashedMatrixFactorization(path, options),
            LinearArtifact.Kind => LoadLinear(path, options),
            MatrixFactorizationArtifact.Kind or RouteLlmCheckpoint.Kind => LoadMatrixFactorization(path, options),
            ClusteredArtifact.Kind => LoadClusters(path, options),
            BattleIndexFormat.Kind => OpenBattleIndex(path, options),
            var kind => throw new InvalidArtifactException(
                $"it is of the kind {InvalidArtifactException.Quote(kind)}, and this version of the library makes routers of {string.Join(", ", RouterArtifactReader.KnownKinds)}. Take a newer version of the library, or another artifact.", path),
        };
    }

    /// <summary>Tells what is in an artifact, of any kind and version, from its header; the weights are read for their hash only.</summary>
    /// <param name="path">The file, or the folder of a checkpoint of RouteLLM's.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="InvalidArtifactException">The file is damaged, or does not say which kind it is.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static RouterArtifactInfo ReadInfo(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return RouterArtifactReader.Read(RouteLlmCheckpoint.WeightsPath(path));
    }

    /// <summary>Tells what is in an artifact that has been read.</summary>
    /// <param name="file">The file.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="InvalidArtifactException">The file does not say which kind it is.</exception>
    public static RouterArtifactInfo ReadInfo(SafetensorsFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return RouterArtifactReader.Read(file);
    }

    private static string KindOf(string path)
    {
        using MappedSafetensors file = MappedSafetensors.Open(RouteLlmCheckpoint.WeightsPath(path));
        return RouterArtifactReader.KindOf(file.Metadata, file.Contains, file.Name);
    }

    private static HashedMatrixFactorizationRouter LoadHashedMatrixFactorization(string path, RouterArtifactOptions options)
    {
        HashedMatrixFactorizationModel model = HashedMatrixFactorizationModel.Load(path);
        return model.ForPair(options.StrongModel ?? model.StrongModel, options.WeakModel ?? model.WeakModel);
    }

    private static LinearRouter LoadLinear(string path, RouterArtifactOptions options)
    {
        LinearModel model = LinearModel.Load(path);
        return model.ForPair(options.StrongModel ?? model.StrongModel, options.WeakModel ?? model.WeakModel);
    }

    private static MatrixFactorizationRouter LoadMatrixFactorization(string path, RouterArtifactOptions options)
    {
        MatrixFactorizationModel model = MatrixFactorizationModel.Load(path);
        (string strong, string weak) = Pair(path, model.Models, options.StrongModel ?? model.Info.StrongModel, options.WeakModel ?? model.Info.WeakModel);
        return model.ForPair(strong, weak, Generator(path, model.Info.Embedder, model.EmbeddingDimensions, options));
    }

    private static ClusteredRouter LoadClusters(string path, RouterArtifactOptions options)
    {
        ClusteredModel model = ClusteredModel.Load(path);
        (string strong, string weak) = Pair(path, model.Models, options.StrongModel ?? model.Info.StrongModel, options.WeakModel ?? model.Info.WeakModel);
        return model.ForPair(strong, weak, Generator(path, model.Info.Embedder, model.EmbeddingDimensions, options));
    }

    private static BattleIndexRouter OpenBattleIndex(string path, RouterArtifactOptions options)
    {
        BattleIndex index = BattleIndex.Open(path);
        try
        {
            (string strong, string weak) = Pair(path, index.Models, options.StrongModel, options.WeakModel);
            IEmbeddingGenerator<string, Embedding<float>> generator = Generator(path, index.Embedder, index.Dimensions, options);
            return options.NearestNeighbors is not null || (index.HasScores && options.SimilarityWeighted is null)
                ? new NearestNeighborRouter(index, strong, weak, generator, options.NearestNeighbors)
                : new SimilarityWeightedRouter(index, strong, weak, generator, options.SimilarityWeighted);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private static (string Strong, string Weak) Pair(string path, IReadOnlyList<string> models, string? strong, string? weak) =>
        strong is not null && weak is not null
            ? (strong, weak)
            : throw new ArgumentException($"The artifact '{path}' names no default pair; choose a strong and a weak one of its models: {string.Join(", ", models)}.");

    private static IEmbeddingGenerator<string, Embedding<float>> Generator(string path, string? embedder, int dimensions, RouterArtifactOptions options) =>
        embedder is not null && IsHashed(embedder) && dimensions <= HashedTextEmbeddingGenerator.MaxDimensions
            ? new HashedTextEmbeddingGenerator(dimensions)
            : options.EmbeddingGenerator ?? throw new MissingEmbedderException(path, embedder);

    private static bool IsHashed(string embedder) =>
        embedder == HashedTextEmbeddingGenerator.ModelId || embedder.StartsWith(HashedTextEmbeddingGenerator.ModelId + "/", StringComparison.Ordinal);
}
