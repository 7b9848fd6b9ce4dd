using Microsoft.Extensions.AI;
using RouteLLM;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers trained routers.</summary>
public static class RouterArtifactServiceCollectionExtensions
{
    /// <summary>Registers the router of an artifact under a name, so that options and <c>router-NAME-THRESHOLD</c> model ids find it.</summary>
    /// <remarks>The artifact is loaded once, when the router is first asked for: for the router that a routed chat client uses by default, when the host starts.</remarks>
    /// <param name="services">The services.</param>
    /// <param name="name">The name, which may hold hyphens.</param>
    /// <param name="path">The artifact: a file, or the folder of a checkpoint of RouteLLM's.</param>
    /// <param name="options">The pair of models and more; the artifact's default pair if <see langword="null"/>. Without an embedding generator, the registered one is used where the artifact needs one.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    /// <seealso cref="RouterArtifact.Load"/>
    public static IServiceCollection AddRouter(this IServiceCollection services, string name, string path, RouterArtifactOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddRouter(name, provider => RouterArtifact.Load(path, new RouterArtifactOptions
        {
            StrongModel = options?.StrongModel,
            WeakModel = options?.WeakModel,
            EmbeddingGenerator = options?.EmbeddingGenerator ?? provider.GetService<IEmbeddingGenerator<string, Embedding<float>>>(),
            NearestNeighbors = options?.NearestNeighbors,
            SimilarityWeighted = options?.SimilarityWeighted,
        }));
    }
}
