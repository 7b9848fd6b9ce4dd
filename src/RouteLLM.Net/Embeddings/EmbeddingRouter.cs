using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>A router that embeds the prompt and scores the vector; the base of those over dense embeddings.</summary>
/// <remarks>
/// A batch is embedded with one call and scored on all processors. With a <see cref="HashedTextEmbeddingGenerator"/>, which embeds in microseconds, predictions complete synchronously and the base class
/// allocates nothing. The generator stays its maker's and is not disposed.
/// </remarks>
public abstract class EmbeddingRouter : IBatchRouter
{
    // Enough vectors for each processor to take several shares, so that one slow share does not hold up the batch, and few enough shares for cheap scores.
    private const int SharesPerProcessor = 8;
    private const int LargestShare = 64;

    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly HashedTextEmbeddingGenerator? _hashed;
    private readonly RouterMetadata _metadata;

    /// <summary>Initializes a new instance of the <see cref="EmbeddingRouter"/> class.</summary>
    /// <param name="generator">Embeds prompts.</param>
    /// <param name="dimensions">The number of dimensions that vectors must have.</param>
    /// <param name="metadata">The router's metadata.</param>
    /// <exception cref="ArgumentException"><paramref name="generator"/> is a <see cref="HashedTextEmbeddingGenerator"/> of another number of dimensions.</exception>
    protected EmbeddingRouter(IEmbeddingGenerator<string, Embedding<float>> generator, int dimensions, RouterMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimensions);
        _generator = generator;
        _hashed = generator as HashedTextEmbeddingGenerator;
        _metadata = metadata;
        Dimensions = dimensions;
        if (_hashed is not null && _hashed.Dimensions != dimensions)
        {
            throw WrongDimensions(_hashed.Dimensions, nameof(generator));
        }
    }

    /// <summary>Gets the number of dimensions that vectors must have.</summary>
    public int Dimensions { get; }

    /// <summary>Predicts the win probability of the strong model for a prompt that is already embedded.</summary>
    /// <param name="embedding">The prompt's vector, <c>[Dimensions]</c>.</param>
    /// <returns>P(the strong model's answer is better), in [0, 1].</returns>
    /// <exception cref="ArgumentException">The vector has another number of dimensions, or a component that is not finite and leaves no answer.</exception>
    public double PredictWinProbability(ReadOnlySpan<float> embedding)
    {
        CheckDimensions(embedding);
        return Answer(Score(embedding), embedding);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The generator gave a vector of another number of dimensions.</exception>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<double>(cancellationToken)
            : _hashed is null ? EmbedAndPredictAsync(request, cancellationToken)
            : new ValueTask<double>(Predict(_hashed, request));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The generator gave a vector of another number of dimensions.</exception>
    /// <exception cref="InvalidOperationException">The generator gave another number of vectors than of prompts.</exception>
    public async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        cancellationToken.ThrowIfCancellationRequested();
        if (requests.Count == 0)
        {
            return [];
        }

        if (_hashed is { } hashed)
        {
            return await PredictInSharesAsync(requests.Count, i => Predict(hashed, requests[i]), cancellationToken).ConfigureAwait(false);
        }

        GeneratedEmbeddings<Embedding<float>> embeddings =
            await _generator.GenerateAsync(requests.Select(static request => request.Prompt), cancellationToken: cancellationToken).ConfigureAwait(false);
        return embeddings.Count == requests.Count
            ? await PredictInSharesAsync(requests.Count, i => Predict(requests[i], embeddings[i].Vector.Span), cancellationToken).ConfigureAwait(false)
            : throw new InvalidOperationException($"The embedding generator gave {embeddings.Count} vectors for {requests.Count} prompts.");
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
    /// <returns>P(the strong model's answer is better), in [0, 1]; NaN if the vector's components leave no answer.</returns>
    protected abstract double Score(ReadOnlySpan<float> embedding);

    /// <summary>Scores the vector of a request; overridden by routers that note on the request what they found, such as its <see cref="RouteRequest.Cluster"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="embedding">Its prompt's vector, <c>[Dimensions]</c>.</param>
    /// <returns>What <see cref="Score(ReadOnlySpan{float})"/> gives for the vector.</returns>
    protected virtual double Score(RouteRequest request, ReadOnlySpan<float> embedding) => Score(embedding);

    private static async ValueTask<IReadOnlyList<double>> PredictInSharesAsync(int count, Func<int, double> predict, CancellationToken cancellationToken)
    {
        var probabilities = new double[count];
        int share = Math.Clamp(count / (SharesPerProcessor * Environment.ProcessorCount), 1, LargestShare);
        await Parallel.ForAsync(0, (count + share - 1) / share, cancellationToken, (index, token) =>
        {
            for (int i = index * share; i < Math.Min(count, (index + 1) * share); i++)
            {
                token.ThrowIfCancellationRequested();
                probabilities[i] = predict(i);
            }

            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return probabilities;
    }

    private async ValueTask<double> EmbedAndPredictAsync(RouteRequest request, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<float> vector = await EmbedAsync(request, cancellationToken).ConfigureAwait(false);
        return Predict(request, vector.Span);
    }

    private double Predict(HashedTextEmbeddingGenerator hashed, RouteRequest request)
    {
        Span<float> embedding = stackalloc float[Dimensions];
        hashed.Embed(request.Prompt, embedding);
        return Predict(request, embedding);
    }

    private double Predict(RouteRequest request, ReadOnlySpan<float> embedding)
    {
        CheckDimensions(embedding);
        return Answer(Score(request, embedding), embedding);
    }

    private void CheckDimensions(ReadOnlySpan<float> embedding)
    {
        if (embedding.Length != Dimensions)
        {
            throw WrongDimensions(embedding.Length, nameof(embedding));
        }
    }

    private double Answer(double probability, ReadOnlySpan<float> embedding) => double.IsNaN(probability) ? throw NoAnswer(embedding) : probability;

    private ArgumentException WrongDimensions(int actual, string parameter) =>
        new($"The embedding has {actual} dimensions, but router '{_metadata.Name}' was made for {Dimensions}. Use the embedder it was made with.", parameter);

    private ArgumentException NoAnswer(ReadOnlySpan<float> embedding)
    {
        int index = embedding.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        string cause = index < 0 ? "its components are too large" : FormattableString.Invariant($"its component {index} is {embedding[index]}");
        return new ArgumentException($"Router '{_metadata.Name}' has no answer for the embedding: {cause}. Check the embedder that made it.", nameof(embedding));
    }
}
