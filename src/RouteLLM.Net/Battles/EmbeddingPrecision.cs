namespace RouteLLM;

/// <summary>How many bits of an embedding an index keeps: less takes less memory, and less time to scan.</summary>
public enum EmbeddingPrecision
{
    /// <summary>32-bit floats, as embedders give them; similarities are exact to 1e-12 or so, for they are summed in doubles.</summary>
    Full,

    /// <summary>16-bit floats: half the size; similarities are within 5e-5 of the full ones for embeddings of 256 dimensions or more, within 5e-4 for any.</summary>
    Half,

    /// <summary>8-bit integers with one scale a vector: a quarter of the size; similarities are within 5e-3 of the full ones for embeddings such as text embedders make.</summary>
    Byte,
}
