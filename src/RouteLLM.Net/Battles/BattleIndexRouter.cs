using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>A router for two models that weighs the rows of a <see cref="BattleIndex"/> by their similarity to the prompt; the base of those that do.</summary>
/// <remarks>The index stays its maker's and is not disposed; keep it open as long as the router is used.</remarks>
public abstract class BattleIndexRouter : EmbeddingRouter, INearestBattleExplainer
{
    private readonly int _strong;
    private readonly int _weak;

    private protected BattleIndexRouter(string name, BattleIndex index, string strongModel, string weakModel, IEmbeddingGenerator<string, Embedding<float>> generator)
        : base(generator, Checked(index).Dimensions, new RouterMetadata(name, strongModel, weakModel, index.Fingerprint))
    {
        EmbedderFingerprint.Check(generator, index.Embedder, index.Name is null ? "The index" : $"The index '{index.Name}'");
        Index = index;
        StrongModel = strongModel;
        WeakModel = weakModel;
        _strong = index.IndexOf(strongModel, nameof(strongModel));
        _weak = index.IndexOf(weakModel, nameof(weakModel));
        if (_strong == _weak)
        {
            throw new ArgumentException($"The strong and the weak model are both '{strongModel}'; a router chooses between two.", nameof(weakModel));
        }
    }

    /// <summary>Gets the index that is searched.</summary>
    public BattleIndex Index { get; }

    /// <summary>Gets the strong model's name.</summary>
    public string StrongModel { get; }

    /// <summary>Gets the weak model's name.</summary>
    public string WeakModel { get; }

    /// <summary>Gets the rows that take part, or <see langword="null"/> if all do.</summary>
    private protected abstract int[]? Rows { get; }

    private int RowCount => Rows?.Length ?? Index.Count;

    /// <summary>Names the rows nearest to an embedding among those that took part in its prediction.</summary>
    /// <param name="embedding">The embedding, <c>[Dimensions]</c>.</param>
    /// <param name="count">How many to name at most.</param>
    /// <returns>The battles, the most similar first; of equal ones the one of the earlier row.</returns>
    /// <exception cref="ArgumentException">The vector has another number of dimensions.</exception>
    public IReadOnlyList<NearestBattle> Explain(ReadOnlySpan<float> embedding, int count = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (embedding.Length != Dimensions)
        {
            throw new ArgumentException($"The embedding has {embedding.Length} dimensions, but the index was made for {Dimensions}. Use the embedder it was made with.", nameof(embedding));
        }

        using PooledArray<double> pooled = new(RowCount);
        Span<double> weights = pooled.Span;
        Index.Scan(embedding, Rows, pooled.Array, RowCount);
        double[] similarities = weights.ToArray();
        Weigh(weights);
        double total = 0;
        foreach (double weight in weights)
        {
            total += weight;
        }

        var order = new int[similarities.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (left, right) => (similarities[right], left).CompareTo((similarities[left], right)));
        var nearest = new List<NearestBattle>();
        foreach (int i in order)
        {
            if (nearest.Count == count || weights[i] == 0)
            {
                break;
            }

            int row = Rows is null ? i : Rows[i];
            nearest.Add(new NearestBattle(Index.HasScores ? BattleOfScores(row) : Index.GetBattle(row), similarities[i], weights[i] / total, row));
        }

        return nearest;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<NearestBattle>> ExplainAsync(RouteRequest request, int count = 5, CancellationToken cancellationToken = default)
    {
        ReadOnlyMemory<float> embedding = await EmbedAsync(request, cancellationToken).ConfigureAwait(false);
        return Explain(embedding.Span, count);
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(BattleIndex) ? Index : base.GetService(serviceType, serviceKey);

    /// <inheritdoc/>
    protected sealed override double Score(ReadOnlySpan<float> embedding)
    {
        using PooledArray<double> pooled = new(RowCount);
        Index.Scan(embedding, Rows, pooled.Array, RowCount);
        Weigh(pooled.Span);
        return Predict(pooled.Span);
    }

    /// <summary>Turns similarities into weights of at least 0, not all of them 0.</summary>
    private protected abstract void Weigh(Span<double> similarities);

    /// <summary>Predicts the win probability from the weights of the rows that take part.</summary>
    private protected abstract double Predict(ReadOnlySpan<double> weights);

    private static BattleIndex Checked(BattleIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return index;
    }

    private Battle BattleOfScores(int row)
    {
        using MappedMemory.Lease lease = Index.Memory.Borrow();
        return Battle.FromScores(StrongModel, Index.ReadScore(row, _strong) ?? double.NaN, WeakModel, Index.ReadScore(row, _weak) ?? double.NaN, Index.GetPrompt(row));
    }
}
