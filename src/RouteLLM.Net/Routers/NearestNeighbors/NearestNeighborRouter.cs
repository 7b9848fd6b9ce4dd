using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>k nearest neighbours: what came of the k most similar prompts of an index for which the outcome between the two models is known.</summary>
/// <remarks>
/// <para>
/// The win probability is the mean of 1 for a win of the strong model, 1/2 for a tie and 0 for a win of the weak one over the neighbours by cosine, all weighing the same or by a
/// temperature. In an index of scores the higher score wins. Fewer rows than k are all asked. Rows just as similar as the k-th share its place, so that their order does not matter; the zero
/// vector is as similar to one row as to another. A strong baseline for any router that is trained (Hu et al., "RouterBench", 2024; Li, "Rethinking Predictive Modeling for LLM
/// Routing: When Simple kNN Beats Complex Learned Routers", 2025).
/// </para>
/// <para>
/// Also predicts the quality of every model of the index, see <see cref="NearestNeighborQualityPredictor"/>. A query reads the rows that are known for the pair once, on all processors.
/// Thread-safe; the index must stay open.
/// </para>
/// </remarks>
public sealed class NearestNeighborRouter : BattleIndexRouter, IQualityPredictor
{
    private readonly NearestNeighborOptions _options;
    private readonly PairOutcomes _outcomes;
    private readonly Lazy<NearestNeighborQualityPredictor> _qualities;

    /// <summary>Initializes a new instance of the <see cref="NearestNeighborRouter"/> class.</summary>
    /// <param name="index">The index to search, of battles or of scores.</param>
    /// <param name="strongModel">The strong model, one of the index's.</param>
    /// <param name="weakModel">The weak model, one of the index's.</param>
    /// <param name="generator">Embeds prompts: the embedder that the index was made with.</param>
    /// <param name="options">The settings; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">
    /// The index does not know a model, both are the same or of one tier, the generator says it is another embedder, or no row says anything about the pair.
    /// </exception>
    /// <exception cref="InvalidArtifactException">A row of the index is damaged.</exception>
    public NearestNeighborRouter(BattleIndex index, string strongModel, string weakModel, IEmbeddingGenerator<string, Embedding<float>> generator, NearestNeighborOptions? options = null)
        : base("knn", index, strongModel, weakModel, generator)
    {
        options = NearestNeighborOptions.Checked(options);
        _options = new NearestNeighborOptions { Neighbors = options.Neighbors, Temperature = options.Temperature, TierCount = options.TierCount };
        _outcomes = index.HasScores
            ? PairOutcomes.OfScores(index, index.IndexOf(strongModel, nameof(strongModel)), index.IndexOf(weakModel, nameof(weakModel)))
            : PairOutcomes.OfBattles(index, Sides(index), _options.TierCount is null ? $"'{strongModel}' and '{weakModel}'" : $"the tiers of '{strongModel}' and '{weakModel}'");
        _qualities = new Lazy<NearestNeighborQualityPredictor>(() => new NearestNeighborQualityPredictor(index, generator, _options));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Models => Index.Models;

    private protected override int[]? Rows => _outcomes.Rows;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
        _qualities.Value.PredictQualitiesAsync(request, cancellationToken);

    private protected override void Weigh(Span<double> similarities) => SimilarityWeights.Nearest(similarities, _options.Neighbors, _options.Temperature);

    private protected override double Predict(ReadOnlySpan<double> weights) => _outcomes.Mean(weights);

    private int[] Sides(BattleIndex index)
    {
        if (_options.TierCount is not { } tierCount)
        {
            return [.. index.Models.Select(model => model == StrongModel ? 1 : model == WeakModel ? -1 : 0)];
        }

        var tiers = new TierModel(index.FitRatings(), tierCount);
        int strong = tiers.TierOf(StrongModel), weak = tiers.TierOf(WeakModel);
        return strong != weak
            ? [.. index.Models.Select(model => tiers.TierOf(model) is int tier && tier == strong ? 1 : tier == weak ? -1 : 0)]
            : throw new ArgumentException($"'{StrongModel}' and '{WeakModel}' are both of tier {strong} of {tierCount}, so no battle is between their tiers. Group models into more tiers, or choose another pair.");
    }
}
