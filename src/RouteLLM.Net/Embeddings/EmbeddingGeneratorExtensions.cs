using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Conveniences on embedding generators that routers are made with.</summary>
public static class EmbeddingGeneratorExtensions
{
    /// <summary>Says which model a generator embeds with, where it does not say or says it by another name, such as that of a deployment.</summary>
    /// <param name="generator">The generator; the result passes every call on to it, and disposing of the result disposes of it.</param>
    /// <param name="modelId">The model's id, such as <c>text-embedding-3-small</c>: what artifacts and indexes are checked against.</param>
    /// <param name="dimensions">The number of dimensions, or <see langword="null"/> to leave what the generator says.</param>
    /// <returns>The same generator with that id in its <see cref="EmbeddingGeneratorMetadata"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="modelId"/> is empty.</exception>
    public static IEmbeddingGenerator<string, Embedding<float>> WithModelId(this IEmbeddingGenerator<string, Embedding<float>> generator, string modelId, int? dimensions = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentException.ThrowIfNullOrEmpty(modelId);
        return new IdentifiedEmbeddingGenerator(generator, modelId, dimensions);
    }
}
