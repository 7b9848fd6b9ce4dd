using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>A router that embeds the prompt and scores the vector; the base of those over dense embeddings.</summary>
/// <remarks>A batch is embedded with one call and scored on all processors. The generator stays its maker's and is not disposed.</remarks>
public abstract class EmbeddingRouter : IBatchRouter
{
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly RouterMetadata _metadata;

    /// <summary>Initializes a new instance of the <see cref="EmbeddingRouter"/> class.</summary>
    /// <param name="generator">Embeds prompts.</param>
    /// <param name="dimensions">The number of dimensions that vectors must have.</param>
    /// <param name="metadata">The router's metadata.</param>
    protected EmbeddingRouter(IEmbeddingGenerator<string, Embedding<float>> generator, int dimensions, RouterMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(metadata);
        _generator = generator;
        _metadata = metadata;
        Dimensions = dimensions;
    }

    /// <summary>Gets the number of dimensions that vectors must have.</summary>
    public int Dimensions { get; }

    /// <summary>Predicts the win probability of the strong model for a prompt that is already embedded.</summary>
    /// <param name="embedding">The prompt's vector, <c>[Dimensions]</c>.</param>
    /// <returns>P(the strong model's answer is better), in [0, 1].</returns>
    /// <exception cref="ArgumentException">The vector has another number of dimensions.</exception>
    public double PredictWinProbability(ReadOnlySpan<float> embedding) => embedding.Length == Dimensions
        ? Score(embedding)
        : throw new ArgumentException($"The embedding has {embedding.Length} dimensions, but router '{_metadata.Name}' was made for {Dimensions}. Use the embedder it was made with.", nameof(embedding));

    /// <inheritdoc/>
    public async ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ReadOnlyMemory<float> vector = await EmbedAsync(request, cancellationToken).ConfigureAwait(false);
        return PredictWinProbability(vector.Span);
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
        await Parallel.ForAsync(0, probabilities.Length, cancellationToken, (i, _) =>
        {
            probabilities[i] = PredictWinProbability(embeddings[i].Vector.Span);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return probabilities;
    }

    /// <inheritdoc/>
    public virtual object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(RouterMetadata) ? _metadata
            : null;
    }

    /// <summary>Embeds the prompt of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the embedding.</param>
    /// <returns>The prompt's vector, of as many dimensions as the generator makes.</returns>
    protected async ValueTask<ReadOnlyMemory<float>> EmbedAsync(RouteRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await _generator.GenerateVectorAsync(request.Prompt, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Scores a vector of the right number of dimensions.</summary>
    /// <param name="embedding">The vector, <c>[Dimensions]</c>.</param>
    /// <returns>P(the strong model's answer is better), in [0, 1].</returns>
    protected abstract double Score(ReadOnlySpan<float> embedding);
}
