using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>How to make a router of an artifact, where the artifact leaves a choice.</summary>
public sealed class RouterArtifactOptions
{
    /// <summary>Gets the strong model, one of the artifact's; <see langword="null"/> (the default) for the strong model of the artifact's default pair.</summary>
    public string? StrongModel { get; init; }

    /// <summary>Gets the weak model, one of the artifact's; <see langword="null"/> (the default) for the weak model of the artifact's default pair.</summary>
    public string? WeakModel { get; init; }

    /// <summary>
    /// Gets what embeds prompts, for artifacts that need it. It stays the caller's. An artifact made with <see cref="HashedTextEmbeddingGenerator"/> needs none: it comes with the library, and is used whatever stands here.
    /// </summary>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; init; }

    /// <summary>Gets how a battle index is searched for nearest neighbours; if set, that is done. An index of scores is searched so in any case.</summary>
    public NearestNeighborOptions? NearestNeighbors { get; init; }

    /// <summary>Gets how the battles of an index are weighed by similarity, which is what is done with battles unless <see cref="NearestNeighbors"/> is set.</summary>
    public SimilarityWeightedOptions? SimilarityWeighted { get; init; }
}
