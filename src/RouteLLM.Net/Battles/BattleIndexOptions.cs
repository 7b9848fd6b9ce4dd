namespace RouteLLM;

/// <summary>What a <see cref="BattleIndexBuilder"/> puts into an index.</summary>
public sealed class BattleIndexOptions
{
    /// <summary>Gets or sets how many bits of an embedding are kept; <see cref="EmbeddingPrecision.Full"/> by default.</summary>
    public EmbeddingPrecision Precision { get; set; }

    /// <summary>
    /// Gets or sets what made the embeddings, such as <c>text-embedding-3-small</c>; routers refuse a generator that names another model. <see langword="null"/>, the default, checks nothing.
    /// </summary>
    public string? Embedder { get; set; }

    /// <summary>Gets or sets a value indicating whether prompts are kept, for explanations; they are by default.</summary>
    public bool KeepPrompts { get; set; } = true;

    /// <summary>Gets what else the index says of itself, such as the source of its data and its licence.</summary>
    public IDictionary<string, string> Provenance { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);
}
