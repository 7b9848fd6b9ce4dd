using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Predicts the quality of every model of an index as the mean over its k nearest neighbours.</summary>
/// <remarks>
/// For each model, the neighbours are the k most similar prompts of which there is an outcome for that model: its score, or, in an index of battles, 1 for a win, 1/2 for a tie and 0 for
/// a loss, against whomever it fought there. Weights and equal similarities are as for <see cref="NearestNeighborRouter"/>. Thread-safe; the index must stay open.
/// </remarks>
public sealed class NearestNeighborQualityPredictor : IQualityPredictor
{
    private readonly BattleIndex _index;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly NearestNeighborOptions _options;
    private readonly int[][] _rows;
    private readonly double[][] _outcomes;

    /// <summary>Initializes a new instance of the <see cref="NearestNeighborQualityPredictor"/> class.</summary>
    /// <param name="index">The index to search.</param>
    /// <param name="generator">Embeds prompts: the embedder that the index was made with.</param>
    /// <param name="options">The settings; the defaults if <see langword="null"/>. Tiers are not used.</param>
    /// <exception cref="ArgumentException">The generator says it is another embedder.</exception>
    /// <exception cref="InvalidArtifactException">A row of the index is damaged, or a model has no outcome.</exception>
    public NearestNeighborQualityPredictor(BattleIndex index, IEmbeddingGenerator<string, Embedding<float>> generator, NearestNeighborOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(generator);
        EmbedderFingerprint.Check(generator, index.Embedder, index.Name is null ? "The index" : $"The index '{index.Name}'");
        options = NearestNeighborOptions.Checked(options);
        _options = new NearestNeighborOptions { Neighbors = options.Neighbors, Temperature = options.Temperature };
        _index = index;
        _generator = generator;
        (_rows, _outcomes) = Collect(index);
        if (Array.FindIndex(_rows, static rows => rows.Length == 0) is int model and >= 0)
        {
            throw new InvalidArtifactException($"no row has an outcome of the model {InvalidArtifactException.Quote(index.Models[model])}. Build the index again.", index.Name);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Models => _index.Models;

    /// <summary>Predicts the quality of each model's answer to a prompt that is already embedded.</summary>
    /// <param name="embedding">The prompt's vector, of the index's number of dimensions.</param>
    /// <returns>One quality in [0, 1] per model, in the order of <see cref="Models"/>.</returns>
    /// <exception cref="ArgumentException">The vector has another number of dimensions, or is not finite.</exception>
    public IReadOnlyList<double> PredictQualities(ReadOnlySpan<float> embedding)
    {
        if (embedding.Length != _index.Dimensions)
        {
            throw new ArgumentException($"The embedding has {embedding.Length} dimensions, but the index was made for {_index.Dimensions}. Use the embedder it was made with.", nameof(embedding));
        }

        using PooledArray<double> similarities = new(_index.Count);
        using PooledArray<double> pooled = new(_index.Count);
        _index.Scan(embedding, null, similarities.Array, _index.Count);
        var qualities = new double[_rows.Length];
        for (int model = 0; model < qualities.Length; model++)
        {
            int[] rows = _rows[model];
            Span<double> weights = pooled.Span[..rows.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                weights[i] = similarities.Array[rows[i]];
            }

            SimilarityWeights.Nearest(weights, _options.Neighbors, _options.Temperature);
            qualities[model] = PairOutcomes.Mean(weights, _outcomes[model]);
        }

        return qualities;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ReadOnlyMemory<float> embedding = await _generator.GenerateVectorAsync(request.Prompt, cancellationToken: cancellationToken).ConfigureAwait(false);
        return PredictQualities(embedding.Span);
    }

    private static (int[][] Rows, double[][] Outcomes) Collect(BattleIndex index)
    {
        List<int>[] rows = [.. index.Models.Select(static _ => new List<int>())];
        List<double>[] outcomes = [.. index.Models.Select(static _ => new List<double>())];
        using MappedMemory.Lease lease = index.Memory.Borrow();
        for (int row = 0; row < index.Count; row++)
        {
            if (index.HasScores)
            {
                for (int model = 0; model < rows.Length; model++)
                {
                    if (index.ReadScore(row, model) is { } score)
                    {
                        Add(row, model, score);
                    }
                }
            }
            else
            {
                (int a, int b, BattleWinner winner) = index.ReadBattle(row);
                Add(row, a, PairOutcomes.OutcomeOf(winner, strongIsA: true));
                Add(row, b, PairOutcomes.OutcomeOf(winner, strongIsA: false));
            }
        }

        return (Array.ConvertAll(rows, static list => list.ToArray()), Array.ConvertAll(outcomes, static list => list.ToArray()));

        void Add(int row, int model, double outcome)
        {
            rows[model].Add(row);
            outcomes[model].Add(outcome);
        }
    }
}
