using Microsoft.Extensions.VectorData;

namespace RouteLLM;

/// <summary>How a router searches a vector store.</summary>
/// <typeparam name="TRecord">The store's records.</typeparam>
public sealed class VectorStoreRouterOptions<TRecord>
{
    /// <summary>
    /// Gets or sets how many of the nearest records are asked for, at least 1; <see langword="null"/>, the default, asks for 1000 in similarity-weighted ranking, and for as many as there
    /// are to be neighbours in nearest-neighbour routing.
    /// </summary>
    public int? Top { get; set; }

    /// <summary>
    /// Gets or sets what the collection's scores are, one of <see cref="Microsoft.Extensions.VectorData.DistanceFunction"/>; <see cref="Microsoft.Extensions.VectorData.DistanceFunction.CosineSimilarity"/>
    /// by default. Those but the two of the cosine need vectors of length 1.
    /// </summary>
    public string DistanceFunction { get; set; } = Microsoft.Extensions.VectorData.DistanceFunction.CosineSimilarity;

    /// <summary>
    /// Gets or sets the search's own options, or <see langword="null"/>: a filter that leaves in what matters to the pair, or the vector property if a record has several.
    /// </summary>
    public VectorSearchOptions<TRecord>? Search { get; set; }
}
