using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Passes calls on and answers for the model's id itself.</summary>
internal sealed class IdentifiedEmbeddingGenerator : DelegatingEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata;

    public IdentifiedEmbeddingGenerator(IEmbeddingGenerator<string, Embedding<float>> inner, string modelId, int? dimensions)
        : base(inner)
    {
        EmbeddingGeneratorMetadata? stated = inner.GetService<EmbeddingGeneratorMetadata>();
        _metadata = new EmbeddingGeneratorMetadata(stated?.ProviderName, stated?.ProviderUri, modelId, dimensions ?? stated?.DefaultModelDimensions);
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : base.GetService(serviceType, serviceKey);
}
