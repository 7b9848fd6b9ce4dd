using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace RouteLLM;

/// <summary>Similarity-weighted ranking by the nearest battles of a collection in a vector store; <see cref="SimilarityWeightedRouter"/> for collections larger than one process.</summary>
/// <typeparam name="TRecord">The collection's records.</typeparam>
/// <remarks>
/// The nearest battles weigh what they weigh among all, for the largest similarity is theirs; battles further away, each of which weighs at most a tenth of the nearest if it is orthogonal, are left
/// out. With as many asked for as there are battles the win probability is that of <see cref="SimilarityWeightedRouter"/>.
/// </remarks>
public sealed class VectorStoreSimilarityWeightedRouter<TRecord> : VectorStoreRouter<TRecord>
    where TRecord : class
{
    private const int DefaultTop = 1000;

    private readonly SimilarityWeightedMethod _method;
    private readonly TierModel _tiers;
    private readonly int _strongTier;
    private readonly int _weakTier;

    /// <summary>Initializes a new instance of the <see cref="VectorStoreSimilarityWeightedRouter{TRecord}"/> class.</summary>
    /// <param name="collection">The collection to search.</param>
    /// <param name="toBattle">Reads the battle from a record.</param>
    /// <param name="ratings">The ratings of all models over all battles, as <see cref="BattleRatings.Fit"/> gives them: compute them once, when the collection is filled.</param>
    /// <param name="strongModel">The strong model, one that is rated.</param>
    /// <param name="weakModel">The weak model, one that is rated.</param>
    /// <param name="generator">Embeds prompts: the embedder that the collection was filled with.</param>
    /// <param name="options">The settings; the defaults if <see langword="null"/>.</param>
    /// <param name="search">How to search; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">A model is not rated, both are the same or, for the weighted mean, of one tier, or the distance function cannot be turned into a cosine.</exception>
    public VectorStoreSimilarityWeightedRouter(
        IVectorSearchable<TRecord> collection, Func<TRecord, Battle> toBattle, IReadOnlyDictionary<string, double> ratings, string strongModel, string weakModel,
        IEmbeddingGenerator<string, Embedding<float>> generator, SimilarityWeightedOptions? options = null, VectorStoreRouterOptions<TRecord>? search = null)
        : base("sw_ranking", collection, toBattle, strongModel, weakModel, generator, search, DefaultTop)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        options = SimilarityWeightedOptions.Checked(options);
        _method = options.Method;
        _tiers = new TierModel(ratings, options.TierCount, options.IncludeBattlesWithinTier);
        _strongTier = _tiers.TierOf(strongModel);
        _weakTier = _tiers.TierOf(weakModel);
        if (_method == SimilarityWeightedMethod.MeanOutcome && _strongTier == _weakTier)
        {
            throw new ArgumentException($"'{strongModel}' and '{weakModel}' are both of tier {_strongTier} of {options.TierCount}, so no battle is between their tiers. Group models into more tiers, or choose another pair.", nameof(weakModel));
        }
    }

    private protected override bool Concerns(Battle battle)
    {
        if (_method == SimilarityWeightedMethod.BradleyTerry)
        {
            return true;
        }

        int a = _tiers.TierOf(battle.ModelA), b = _tiers.TierOf(battle.ModelB);
        return (a == _strongTier && b == _weakTier) || (a == _weakTier && b == _strongTier);
    }

    private protected override void Weigh(Span<double> similarities)
    {
        if (_method == SimilarityWeightedMethod.BradleyTerry)
        {
            SimilarityWeights.Exponential(similarities);
        }
        else
        {
            SimilarityWeights.Positive(similarities);
        }
    }

    private protected override double Predict(IReadOnlyList<Battle> battles, ReadOnlySpan<double> weights)
    {
        if (_method == SimilarityWeightedMethod.MeanOutcome)
        {
            return PairOutcomes.Mean(weights, [.. battles.Select(battle => PairOutcomes.OutcomeOf(battle.Winner, _tiers.TierOf(battle.ModelA) == _strongTier))]);
        }

        return _strongTier == _weakTier
            ? 0.5
            : _tiers.Predict(_strongTier, _weakTier, [.. battles.Select(battle => _tiers.CellOf(_tiers.TierOf(battle.ModelA), _tiers.TierOf(battle.ModelB), battle.Winner))], weights);
    }
}
