using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Embeddings;

/// <summary>An embedding generator made of a callback; it keeps what each call was given.</summary>
internal sealed class TestEmbeddingGenerator(Func<string, float[]> embed, string? modelId = null, int? dimensions = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new("test", null, modelId, dimensions);

    public List<string[]> Calls { get; } = [];

    public Action? OnCall { get; init; }

    /// <summary>Embeds a text as numbers drawn from a generator seeded with it.</summary>
    public static TestEmbeddingGenerator OfRandom(int dimensions, string? modelId = null) => new(text => Random(text, dimensions), modelId, dimensions);

    public static float[] Random(string text, int dimensions)
    {
        var random = new Random(text.Aggregate(dimensions, static (hash, c) => unchecked((hash * 31) + c)));
        return [.. Enumerable.Range(0, dimensions).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] texts = [.. values];
        lock (Calls)
        {
            Calls.Add(texts);
        }

        OnCall?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => new Embedding<float>(embed(text)))));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }
}
