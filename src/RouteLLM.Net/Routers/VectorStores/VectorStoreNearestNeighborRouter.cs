using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace RouteLLM;

/// <summary>k nearest neighbours among the battles of a collection in a vector store; <see cref="NearestNeighborRouter"/> for collections larger than one process.</summary>
/// <typeparam name="TRecord">The collection's records.</typeparam>
/// <remarks>
/// Records that are no battle of the two models are passed over after the search, so give the search a filter that leaves them out: then the neighbours are as many as wanted. Where records
/// hold scores, <see cref="Battle.FromScores"/> makes battles of them.
/// </remarks>
public sealed class VectorStoreNearestNeighborRouter<TRecord> : VectorStoreRouter<TRecord>
    where TRecord : class
{
    private readonly int _neighbors;
    private readonly double? _temperature;

    /// <summary>Initializes a new instance of the <see cref="VectorStoreNearestNeighborRouter{TRecord}"/> class.</summary>
    /// <param name="collection">The collection to search.</param>
    /// <param name="toBattle">Reads the battle from a record.</param>
    /// <param name="strongModel">The strong model.</param>
    /// <param name="weakModel">The weak model.</param>
    /// <param name="generator">Embeds prompts: the embedder that the collection was filled with.</param>
    /// <param name="options">The settings, without tiers; the defaults if <see langword="null"/>.</param>
    /// <param name="search">How to search; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">Both models are the same, the options group models into tiers, or the distance function cannot be turned into a cosine.</exception>
    public VectorStoreNearestNeighborRouter(
        IVectorSearchable<TRecord> collection, Func<TRecord, Battle> toBattle, string strongModel, string weakModel,
        IEmbeddingGenerator<string, Embedding<float>> generator, NearestNeighborOptions? options = null, VectorStoreRouterOptions<TRecord>? search = null)
        : base("knn", collection, toBattle, strongModel, weakModel, generator, search, NearestNeighborOptions.Checked(options).Neighbors)
    {
        if (options?.TierCount is not null)
        {
            throw new ArgumentException($"Tiers need the ratings of all battles, which a search of a vector store does not see. Leave {nameof(NearestNeighborOptions.TierCount)} out, and name tiers in place of models when records become battles.", nameof(options));
        }

        _neighbors = options?.Neighbors ?? new NearestNeighborOptions().Neighbors;
        _temperature = options?.Temperature;
    }

    private protected override bool Concerns(Battle battle) =>
        (battle.ModelA == StrongModel && battle.ModelB == WeakModel) || (battle.ModelA == WeakModel && battle.ModelB == StrongModel);

    private protected override void Weigh(Span<double> similarities) => SimilarityWeights.Nearest(similarities, _neighbors, _temperature);

    private protected override double Predict(IReadOnlyList<Battle> battles, ReadOnlySpan<double> weights) =>
        PairOutcomes.Mean(weights, [.. battles.Select(battle => PairOutcomes.OutcomeOf(battle.Winner, battle.ModelA == StrongModel))]);
}
