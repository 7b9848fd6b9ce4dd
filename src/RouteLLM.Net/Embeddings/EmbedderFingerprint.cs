using System.Globalization;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Names what made an embedding, so that an artifact or an index is not used with vectors of another kind.</summary>
internal static class EmbedderFingerprint
{
    /// <summary>Gives the model's id and the number of dimensions of a generator, such as <c>text-embedding-3-small/1536</c>, or <see langword="null"/> if it does not say.</summary>
    public static string? Of(IEmbeddingGenerator<string, Embedding<float>> generator) =>
        generator.GetService<EmbeddingGeneratorMetadata>() is { DefaultModelId: { Length: > 0 } model } metadata
            ? metadata.DefaultModelDimensions is { } dimensions ? string.Create(CultureInfo.InvariantCulture, $"{model}/{dimensions}") : model
            : null;

    /// <summary>Refuses a generator that says it is another one than what an artifact was made with; one that says nothing is taken at its word.</summary>
    /// <exception cref="ArgumentException">The generator is another one.</exception>
    public static void Check(IEmbeddingGenerator<string, Embedding<float>> generator, string? expected, string artifact)
    {
        if (expected is not null && Of(generator) is { } actual && !Agree(actual, expected))
        {
            throw new ArgumentException(
                $"{artifact} was made with the embedder '{expected}', but the generator given is '{actual}'. Its vectors mean something else: use the same embedder, or make the artifact again with this one. "
                + $"If it is the same under another name, such as that of a deployment, say so with {nameof(EmbeddingGeneratorExtensions.WithModelId)}.",
                nameof(generator));
        }
    }

    // Dimensions count only where both sides state them: many generators state the model alone, and the length of every vector is checked anyway.
    private static bool Agree(string actual, string expected)
    {
        (string actualModel, int? actualDimensions) = Split(actual);
        (string expectedModel, int? expectedDimensions) = Split(expected);
        return actualModel == expectedModel && (actualDimensions is null || expectedDimensions is null || actualDimensions == expectedDimensions);
    }

    // Ids have slashes of their own, such as BAAI/bge-small-en; only a number after the last one is a number of dimensions.
    private static (string Model, int? Dimensions) Split(string fingerprint)
    {
        int slash = fingerprint.LastIndexOf('/');
        return slash > 0 && int.TryParse(fingerprint.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int dimensions)
            ? (fingerprint[..slash], dimensions)
            : (fingerprint, null);
    }
}
