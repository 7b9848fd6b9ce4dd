using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Names what made an embedding, so that an artifact or an index is not used with vectors of another kind.</summary>
internal static class EmbedderFingerprint
{
    /// <summary>Gives the model's id and the number of dimensions of a generator, such as <c>text-embedding-3-small/1536</c>, or <see langword="null"/> if it does not say.</summary>
    public static string? Of(IEmbeddingGenerator<string, Embedding<float>> generator) =>
        generator.GetService<EmbeddingGeneratorMetadata>() is { DefaultModelId: { } model } metadata
            ? metadata.DefaultModelDimensions is { } dimensions ? $"{model}/{dimensions}" : model
            : null;

    /// <summary>Refuses a generator that says it is another one than what an artifact was made with; one that says nothing is taken at its word.</summary>
    /// <exception cref="ArgumentException">The generator is another one.</exception>
    public static void Check(IEmbeddingGenerator<string, Embedding<float>> generator, string? expected, string artifact)
    {
        if (expected is not null && Of(generator) is { } actual && actual.Split('/')[0] != expected.Split('/')[0])
        {
            throw new ArgumentException(
                $"{artifact} was made with the embedder '{expected}', but the generator given is '{actual}'. Its vectors mean something else: use the same embedder, or make the artifact again with this one.", nameof(generator));
        }
    }
}
