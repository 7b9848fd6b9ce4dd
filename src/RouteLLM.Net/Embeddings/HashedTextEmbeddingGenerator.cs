using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Embeds text without a model, a file or a download: <see cref="HashedTextFeatures"/> projected to a dense vector of unit length, in microseconds.</summary>
/// <remarks>
/// <para>
/// Every feature is hashed to one component and a sign (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009), so that the inner product of two vectors is an unbiased
/// estimate of that of the sparse features, with a variance that falls as one over <see cref="Dimensions"/>; then the vector is divided by its norm. Features of shape (length, lines, digits and the like) weigh half
/// as much as the others. They are not weighed by document frequency: up to about 1,000 dimensions that makes neighbours worse, for rare features then weigh most, and most of them collide.
/// Texts are alike that use the same words and are built alike; synonyms are not seen, as a sentence-embedding model would see them.
/// </para>
/// <para>
/// It serves as any other generator does, for nearest neighbours, similarity-weighted ranking, clusters and matrix factorisations. A vector depends on the text and the number of dimensions alone, to the last bit:
/// not on platform, processor, process or culture. Instances are immutable and thread-safe; disposing of one does nothing.
/// </para>
/// </remarks>
public sealed class HashedTextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>The default number of dimensions.</summary>
    public const int DefaultDimensions = 1024;

    /// <summary>The largest number of dimensions.</summary>
    public const int MaxDimensions = 4096;

    /// <summary>The id of the model, which stands in the metadata and in what is made with the vectors; it changes whenever any text would get another vector.</summary>
    public const string ModelId = HashedTextFeatures.Fingerprint + "-dense-1";

    private const float ShapeWeight = 0.5f;
    private const int ParallelBatch = 64;

    [ThreadStatic]
    private static int[]? t_buckets;

    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>Initializes a new instance of the <see cref="HashedTextEmbeddingGenerator"/> class.</summary>
    /// <param name="dimensions">The number of dimensions, from 1 to <see cref="MaxDimensions"/>. The default is 1,024; with 512, neighbours are a little worse.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is out of range.</exception>
    public HashedTextEmbeddingGenerator(int dimensions = DefaultDimensions)
    {
        CheckDimensions(dimensions, nameof(dimensions));
        Dimensions = dimensions;
        _metadata = new EmbeddingGeneratorMetadata("RouteLLM.Net", null, ModelId, dimensions);
    }

    /// <summary>Gets the number of dimensions.</summary>
    public int Dimensions { get; }

    /// <summary>Embeds a text, without allocating anything but a small buffer once per thread.</summary>
    /// <param name="text">The text: any characters, any length; of a very long text, the beginning and the end are read (see <see cref="HashedTextFeatures"/>).</param>
    /// <param name="destination">Receives the vector, of unit length; at least <see cref="Dimensions"/> long, and unchanged beyond.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void Embed(ReadOnlySpan<char> text, Span<float> destination)
    {
        if (destination.Length < Dimensions)
        {
            throw new ArgumentException($"The destination holds {destination.Length} numbers; the vector has {Dimensions}.", nameof(destination));
        }

        EmbedInto(text, destination[..Dimensions]);
    }

    /// <summary>Embeds texts; many of them on all processors.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">Options, of which <see cref="EmbeddingGenerationOptions.Dimensions"/> is heeded.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>One vector a text, in the order of <paramref name="values"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions asked for are out of range.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        int dimensions = options?.Dimensions ?? Dimensions;
        CheckDimensions(dimensions, nameof(options));
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<GeneratedEmbeddings<Embedding<float>>>(cancellationToken);
        }

        string[] texts = [.. values];
        return texts.Length < ParallelBatch
            ? Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => Generate(text, dimensions))))
            : Task.Run(
                () =>
                {
                    var embeddings = new Embedding<float>[texts.Length];
                    Parallel.For(0, texts.Length, new ParallelOptions { CancellationToken = cancellationToken }, i => embeddings[i] = Generate(texts[i], dimensions));
                    return new GeneratedEmbeddings<Embedding<float>>(embeddings);
                },
                cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : null;
    }

    /// <summary>Does nothing: there is nothing to release.</summary>
    public void Dispose()
    {
    }

    /// <summary>Gives the component and the sign that a feature is hashed to.</summary>
    internal static (int Component, float Sign) Project(int bucket, int dimensions)
    {
        // The "lowbias32" mixer of Wellons, "Prospecting for Hash Functions", 2018. The lowest bit is the sign, the others choose the component.
        uint hash = ((uint)bucket * 0x9E3779B1) + 1;
        hash ^= hash >> 16;
        hash *= 0x7FEB352D;
        hash ^= hash >> 15;
        hash *= 0x846CA68B;
        hash ^= hash >> 16;
        return ((int)(((ulong)(hash >> 1) * (uint)dimensions) >> 31), 1 - (2 * (float)(hash & 1)));
    }

    private static Embedding<float> Generate(string text, int dimensions)
    {
        var vector = new float[dimensions];
        EmbedInto(text, vector);
        return new Embedding<float>(vector) { ModelId = ModelId };
    }

    private static void EmbedInto(ReadOnlySpan<char> text, Span<float> vector)
    {
        int[] buckets = t_buckets ??= new int[HashedTextFeatures.MaxFeatures];
        int count = HashedTextFeatures.Extract(text, buckets);

        // Everything added is a multiple of a half, so components and the square of the norm are exact in whatever order they are summed.
        vector.Clear();
        double squares = 0;
        foreach (int bucket in buckets.AsSpan(0, count))
        {
            (int component, float sign) = Project(bucket, vector.Length);
            float weight = bucket < HashedTextFeatures.ShapeBuckets ? sign * ShapeWeight : sign;
            ref float value = ref vector[component];
            squares += weight * ((2 * value) + weight);
            value += weight;
        }

        // With very few dimensions, features can cancel out to nothing.
        if (squares > 0)
        {
            TensorPrimitives.Multiply(vector, (float)(1 / Math.Sqrt(squares)), vector);
        }
    }

    private static void CheckDimensions(int dimensions, string parameter)
    {
        if (dimensions is < 1 or > MaxDimensions)
        {
            throw new ArgumentOutOfRangeException(parameter, dimensions, $"A vector has 1 to {MaxDimensions} dimensions.");
        }
    }
}
