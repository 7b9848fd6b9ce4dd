using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Similarity-weighted ranking: the battles of an index, weighted by how similar their prompts are to the one being routed, say how likely the strong model is to win.</summary>
/// <remarks>
/// <para>
/// RouteLLM's <c>sw_ranking</c> (Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data", 2024, section 4.2): models are grouped into tiers by their ratings over all battles; for each
/// prompt every battle weighs 10 * 10^(s / largest s), s being the cosine of the prompts' embeddings; a Bradley-Terry model of the tiers is fitted to the weighted battles; and the difference
/// of the two models' tiers gives the win probability. A tie counts half. The fit is solved to convergence, so win probabilities are within some 1e-4 of the original's, which stops early.
/// See <see cref="SimilarityWeightedOptions"/> for the weighted mean in place of the fit.
/// </para>
/// <para>
/// Where the original fails or turns around, this does not: if no battle's similarity is positive (also for the zero vector, whose similarities are 0), nothing is known of the prompt and all
/// battles weigh the same; a tier that only won or only lost has no finite rating, and is held at 4000 points from 1000; tiers that no battle connects are as likely to win as to lose, and so
/// are two models of the same tier.
/// </para>
/// <para>A query reads the whole index once, on all processors. Thread-safe; the index must stay open.</para>
/// </remarks>
public sealed class SimilarityWeightedRouter : BattleIndexRouter
{
    private readonly SimilarityWeightedMethod _method;
    private readonly TierModel? _tiers;
    private readonly int _strongTier;
    private readonly int _weakTier;
    private readonly int[] _cells = [];
    private readonly PairOutcomes? _outcomes;

    /// <summary>Initializes a new instance of the <see cref="SimilarityWeightedRouter"/> class.</summary>
    /// <param name="index">The index to search: of battles, or of scores for <see cref="SimilarityWeightedMethod.MeanOutcome"/>.</param>
    /// <param name="strongModel">The strong model, one of the index's.</param>
    /// <param name="weakModel">The weak model, one of the index's.</param>
    /// <param name="generator">Embeds prompts: the embedder that the index was made with.</param>
    /// <param name="options">The settings; the defaults, which are RouteLLM's, if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">
    /// The index does not know a model, both are the same, the generator says it is another embedder, no battle is between the two models' tiers (only for the weighted mean), or the index holds
    /// scores and a fit of battles is asked for.
    /// </exception>
    /// <exception cref="InvalidArtifactException">A row of the index is damaged.</exception>
    public SimilarityWeightedRouter(BattleIndex index, string strongModel, string weakModel, IEmbeddingGenerator<string, Embedding<float>> generator, SimilarityWeightedOptions? options = null)
        : base("sw_ranking", index, strongModel, weakModel, generator)
    {
        options = SimilarityWeightedOptions.Checked(options);
        _method = options.Method;
        if (index.HasScores)
        {
            _outcomes = _method == SimilarityWeightedMethod.MeanOutcome
                ? PairOutcomes.OfScores(index, index.IndexOf(strongModel, nameof(strongModel)), index.IndexOf(weakModel, nameof(weakModel)))
                : throw new ArgumentException($"The index holds scores, and a Bradley-Terry fit needs battles. Set {nameof(SimilarityWeightedOptions.Method)} to {nameof(SimilarityWeightedMethod.MeanOutcome)}.", nameof(index));
            return;
        }

        _tiers = new TierModel(index.FitRatings(), options.TierCount, options.IncludeBattlesWithinTier);
        _strongTier = _tiers.TierOf(strongModel);
        _weakTier = _tiers.TierOf(weakModel);
        if (_method == SimilarityWeightedMethod.BradleyTerry)
        {
            _cells = Cells(index, _tiers);
        }
        else if (_strongTier == _weakTier)
        {
            throw new ArgumentException(
                $"'{strongModel}' and '{weakModel}' are both of tier {_strongTier} of {options.TierCount}, so no battle is between their tiers. Group models into more tiers, or choose another pair.", nameof(weakModel));
        }
        else
        {
            int[] sides = [.. index.Models.Select(model => _tiers.TierOf(model) is int tier && tier == _strongTier ? 1 : tier == _weakTier ? -1 : 0)];
            _outcomes = PairOutcomes.OfBattles(index, sides, $"the tiers of '{strongModel}' and '{weakModel}'");
        }
    }

    private protected override int[]? Rows => _outcomes?.Rows;

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

    private protected override double Predict(ReadOnlySpan<double> weights) =>
        _outcomes is not null ? _outcomes.Mean(weights)
        : _strongTier == _weakTier ? 0.5
        : _tiers!.Predict(_strongTier, _weakTier, _cells, weights);

    private static int[] Cells(BattleIndex index, TierModel tiers)
    {
        int[] tierOf = [.. index.Models.Select(tiers.TierOf)];
        var cells = new int[index.Count];
        using MappedMemory.Lease lease = index.Memory.Borrow();
        for (int row = 0; row < cells.Length; row++)
        {
            (int a, int b, BattleWinner winner) = index.ReadBattle(row);
            cells[row] = tiers.CellOf(tierOf[a], tierOf[b], winner);
        }

        return cells;
    }
}
