using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace RouteLLM;

/// <summary>A router that weighs the nearest battles of a collection in a vector store; the base of those that do. For more battles than one process holds.</summary>
/// <typeparam name="TRecord">The collection's records.</typeparam>
/// <remarks>
/// Works on any <c>Microsoft.Extensions.VectorData</c> collection, such as those of PostgreSQL (pgvector), Qdrant and Redis. A batch is embedded with one call, and searched for one by one.
/// Collection and generator stay their maker's and are not disposed. Thread-safe if the collection is.
/// </remarks>
public abstract class VectorStoreRouter<TRecord> : IBatchRouter, INearestBattleExplainer
    where TRecord : class
{
    private const int ParallelSearches = 8;

    private readonly IVectorSearchable<TRecord> _collection;
    private readonly Func<TRecord, Battle> _toBattle;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly VectorStoreRouterOptions<TRecord> _options;
    private readonly RouterMetadata _metadata;
    private readonly int _top;

    private protected VectorStoreRouter(
        string name, IVectorSearchable<TRecord> collection, Func<TRecord, Battle> toBattle, string strongModel, string weakModel,
        IEmbeddingGenerator<string, Embedding<float>> generator, VectorStoreRouterOptions<TRecord>? options, int defaultTop)
    {
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(toBattle);
        ArgumentException.ThrowIfNullOrEmpty(strongModel);
        ArgumentException.ThrowIfNullOrEmpty(weakModel);
        ArgumentNullException.ThrowIfNull(generator);
        if (strongModel == weakModel)
        {
            throw new ArgumentException($"The strong and the weak model are both '{strongModel}'; a router chooses between two.", nameof(weakModel));
        }

        _collection = collection;
        _toBattle = toBattle;
        _generator = generator;
        _options = options ?? new VectorStoreRouterOptions<TRecord>();
        _metadata = new RouterMetadata(name, strongModel, weakModel);
        _top = _options.Top ?? defaultTop;
        ArgumentOutOfRangeException.ThrowIfLessThan(_top, 1, nameof(options));
        ToSimilarity(0, _options.DistanceFunction);
        StrongModel = strongModel;
        WeakModel = weakModel;
    }

    /// <summary>Gets the strong model's name.</summary>
    public string StrongModel { get; }

    /// <summary>Gets the weak model's name.</summary>
    public string WeakModel { get; }

    /// <summary>Predicts the win probability of the strong model for a prompt that is already embedded.</summary>
    /// <param name="embedding">The prompt's vector.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>P(the strong model's answer is better), in [0, 1].</returns>
    /// <exception cref="InvalidOperationException">No battle was found that says something about the pair.</exception>
    public async ValueTask<double> PredictWinProbabilityAsync(ReadOnlyMemory<float> embedding, CancellationToken cancellationToken = default)
    {
        (List<Battle> battles, double[] weights) = await SearchAsync(embedding, cancellationToken).ConfigureAwait(false);
        Weigh(weights);
        return Predict(battles, weights);
    }

    /// <inheritdoc/>
    public async ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ReadOnlyMemory<float> embedding = await _generator.GenerateVectorAsync(request.Prompt, cancellationToken: cancellationToken).ConfigureAwait(false);
        return await PredictWinProbabilityAsync(embedding, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (requests.Count == 0)
        {
            return [];
        }

        GeneratedEmbeddings<Embedding<float>> embeddings =
            await _generator.GenerateAsync(requests.Select(static request => request.Prompt), cancellationToken: cancellationToken).ConfigureAwait(false);
        if (embeddings.Count != requests.Count)
        {
            throw new InvalidOperationException($"The embedding generator gave {embeddings.Count} vectors for {requests.Count} prompts.");
        }

        var probabilities = new double[requests.Count];
        await Parallel.ForAsync(0, probabilities.Length, new ParallelOptions { MaxDegreeOfParallelism = ParallelSearches, CancellationToken = cancellationToken }, async (i, token) =>
            probabilities[i] = await PredictWinProbabilityAsync(embeddings[i].Vector, token).ConfigureAwait(false)).ConfigureAwait(false);
        return probabilities;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<NearestBattle>> ExplainAsync(RouteRequest request, int count = 5, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ReadOnlyMemory<float> embedding = await _generator.GenerateVectorAsync(request.Prompt, cancellationToken: cancellationToken).ConfigureAwait(false);
        (List<Battle> battles, double[] weights) = await SearchAsync(embedding, cancellationToken).ConfigureAwait(false);
        double[] similarities = [.. weights];
        Weigh(weights);
        double total = weights.Sum();
        return [.. battles.Select((battle, i) => new NearestBattle(battle, similarities[i], weights[i] / total))
            .Where(static battle => battle.Weight > 0).OrderByDescending(static battle => battle.Similarity).Take(count)];
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => RouterServices.Find(this, serviceType, serviceKey, _metadata);

    /// <summary>Asks whether a battle says something about the pair.</summary>
    private protected abstract bool Concerns(Battle battle);

    /// <summary>Turns similarities into weights of at least 0, not all of them 0.</summary>
    private protected abstract void Weigh(Span<double> similarities);

    /// <summary>Predicts the win probability from weighted battles, all of which concern the pair.</summary>
    private protected abstract double Predict(IReadOnlyList<Battle> battles, ReadOnlySpan<double> weights);

    private async ValueTask<(List<Battle> Battles, double[] Similarities)> SearchAsync(ReadOnlyMemory<float> embedding, CancellationToken cancellationToken)
    {
        var battles = new List<Battle>();
        var similarities = new List<double>();
        int found = 0;
        await foreach (VectorSearchResult<TRecord> result in _collection.SearchAsync(embedding, _top, _options.Search, cancellationToken).ConfigureAwait(false))
        {
            found++;
            double score = result.Score ?? throw new InvalidOperationException("The vector store gave a record without a score, so that its similarity is not known. Search a collection that gives scores.");
            Battle battle = _toBattle(result.Record);
            if (Concerns(battle))
            {
                battles.Add(battle);
                similarities.Add(ToSimilarity(score, _options.DistanceFunction));
            }
        }

        return battles.Count > 0
            ? (battles, [.. similarities])
            : throw new InvalidOperationException(
                $"The vector store gave {found} records, none of which is a battle that says something about '{StrongModel}' and '{WeakModel}'. "
                + $"Set a filter in {nameof(VectorStoreRouterOptions<>.Search)}, or ask for more with {nameof(VectorStoreRouterOptions<>.Top)}.");
    }

    private static double ToSimilarity(double score, string distanceFunction) => distanceFunction switch
    {
        DistanceFunction.CosineSimilarity or DistanceFunction.DotProductSimilarity => score,
        DistanceFunction.CosineDistance => 1 - score,
        DistanceFunction.NegativeDotProductSimilarity => -score,
        DistanceFunction.EuclideanDistance => 1 - (score * score / 2),
        DistanceFunction.EuclideanSquaredDistance => 1 - (score / 2),
        _ => throw new ArgumentException($"The distance function '{distanceFunction}' cannot be turned into a cosine. Use a collection whose function is the cosine, the dot product or the Euclidean distance."),
    };
}
