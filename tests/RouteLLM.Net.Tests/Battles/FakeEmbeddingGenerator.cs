using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Battles;

/// <summary>Embeds by a function of the text, and counts its calls.</summary>
internal sealed class FakeEmbeddingGenerator(Func<string, float[]> embed, string? modelId = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    private int _calls;

    /// <summary>Gets a generator that must not be asked.</summary>
    public static FakeEmbeddingGenerator None { get; } = new(static _ => throw new InvalidOperationException("No text was to be embedded."));

    public int Calls => _calls;

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _calls);
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(embed(text)))));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata) && modelId is not null ? new EmbeddingGeneratorMetadata("fake", null, modelId) : null;

    public void Dispose()
    {
    }
}
