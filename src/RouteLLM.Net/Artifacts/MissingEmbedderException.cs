namespace RouteLLM;

/// <summary>An artifact scores embeddings of prompts, and nothing was given that makes them.</summary>
public sealed class MissingEmbedderException : InvalidOperationException
{
    internal MissingEmbedderException(string artifactName, string? embedder)
        : base($"The artifact '{artifactName}' scores embeddings made by {(embedder is null ? "an embedder that it does not name" : $"the embedder {InvalidArtifactException.Quote(embedder)}")}, and no embedding generator was given. "
            + $"Give one for that model in {nameof(RouterArtifactOptions)}.{nameof(RouterArtifactOptions.EmbeddingGenerator)}.")
    {
        ArtifactName = artifactName;
        Embedder = embedder;
    }

    /// <summary>Gets the artifact's path.</summary>
    public string ArtifactName { get; }

    /// <summary>Gets what made the embeddings the artifact was trained with: a model's id, followed by a slash and the number of dimensions where that is known; <see langword="null"/> if the artifact does not say.</summary>
    public string? Embedder { get; }
}
