using Microsoft.Extensions.AI;
using RouteLLM.Onnx;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers routers and embedding generators that run models on ONNX Runtime.</summary>
/// <remarks>A model is loaded once, when it is first asked for: that of the router that a routed chat client uses by default, when the host starts. The container disposes it, which waits for predictions under way.</remarks>
public static class OnnxServiceCollectionExtensions
{
    /// <summary>The name of a BERT router unless another is given, as in RouteLLM: <c>router-bert-0.5</c> asks for it.</summary>
    public const string BertRouterName = "bert";

    /// <summary>The name of a causal language model as a router unless another is given, as in RouteLLM: <c>router-causal_llm-0.5</c> asks for it.</summary>
    public const string CausalRouterName = "causal_llm";

    /// <summary>Registers a text classifier as a router.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The folder of the exported model; see <see cref="BertClassifierRouter.Load"/>.</param>
    /// <param name="name">The name, so that options and <c>router-NAME-THRESHOLD</c> model ids find it; it may hold hyphens.</param>
    /// <param name="configure">Sets labels, tokens, batches and more; the defaults if <see langword="null"/>. <see cref="BertClassifierOptions.Name"/> is <paramref name="name"/> already.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddBertRouter(this IServiceCollection services, string path, string name = BertRouterName, Action<BertClassifierOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddRouter(name, _ =>
        {
            var options = new BertClassifierOptions { Name = name };
            configure?.Invoke(options);
            return BertClassifierRouter.Load(path, options);
        });
    }

    /// <summary>Registers a causal language model that answers with a score as a router.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The folder of the exported model; see <see cref="CausalClassifierRouter.Load"/>.</param>
    /// <param name="name">The name, so that options and <c>router-NAME-THRESHOLD</c> model ids find it; it may hold hyphens.</param>
    /// <param name="configure">Sets messages, scores, tokens and more; the defaults if <see langword="null"/>. <see cref="CausalClassifierOptions.Name"/> is <paramref name="name"/> already.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddCausalRouter(this IServiceCollection services, string path, string name = CausalRouterName, Action<CausalClassifierOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddRouter(name, _ =>
        {
            var options = new CausalClassifierOptions { Name = name };
            configure?.Invoke(options);
            return CausalClassifierRouter.Load(path, options);
        });
    }

    /// <summary>Registers a sentence-embedding model as the embedding generator, which routers over embeddings then use.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The folder of the exported model; see <see cref="OnnxEmbeddingGenerator.Load"/>.</param>
    /// <param name="configure">Sets pooling, tokens, batches and more; the defaults if <see langword="null"/>.</param>
    /// <returns>A builder for what goes around the generator: caching, telemetry.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddOnnxEmbeddings(this IServiceCollection services, string path, Action<OnnxEmbeddingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddEmbeddingGenerator(_ => Load(path, configure));
    }

    /// <summary>Registers, under a key, a sentence-embedding model as an embedding generator.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="path">The folder of the exported model; see <see cref="OnnxEmbeddingGenerator.Load"/>.</param>
    /// <param name="configure">Sets pooling, tokens, batches and more; the defaults if <see langword="null"/>.</param>
    /// <returns>A builder for what goes around the generator: caching, telemetry.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddKeyedOnnxEmbeddings(this IServiceCollection services, object? serviceKey, string path, Action<OnnxEmbeddingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddKeyedEmbeddingGenerator(serviceKey, _ => Load(path, configure));
    }

    private static OnnxEmbeddingGenerator Load(string path, Action<OnnxEmbeddingOptions>? configure)
    {
        var options = new OnnxEmbeddingOptions();
        configure?.Invoke(options);
        return OnnxEmbeddingGenerator.Load(path, options);
    }
}
