using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RouteLLM;
using RouteLLM.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers trained routers.</summary>
public static class RouterArtifactServiceCollectionExtensions
{
    /// <summary>Registers the router of an artifact under a name, so that options and <c>router-NAME-THRESHOLD</c> model ids find it.</summary>
    /// <remarks>
    /// The artifact is loaded when the router is first asked for: for the router that a routed chat client uses by default, when the host starts. When the file changes, which is noticed within ten seconds, it is loaded again, and requests from then
    /// on are scored by it; one that cannot be loaded is refused and logged, and the old one stays. Replace the file by renaming another to its name: one that is mapped into memory, as a battle index is, must not be overwritten.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="name">The name, which may hold hyphens.</param>
    /// <param name="path">The artifact: a file, or the folder of a checkpoint of RouteLLM's.</param>
    /// <param name="options">The pair of models and more; the artifact's default pair if <see langword="null"/>. Without an embedding generator, the registered one is used where the artifact needs one.</param>
    /// <param name="reloadOnChange">Whether the artifact is loaded again when its file changes. The default is <see langword="true"/>.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    /// <seealso cref="RouterArtifact.Load"/>
    public static IServiceCollection AddRouter(this IServiceCollection services, string name, string path, RouterArtifactOptions? options = null, bool reloadOnChange = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddRouter(name, provider => reloadOnChange
            ? new ReloadingRouter(
                name,
                path,
                () => Load(provider),
                provider.GetRequiredService<RouterChanges>(),
                provider.GetService<ILoggerFactory>()?.CreateLogger(typeof(RoutedChatClient)) ?? NullLogger.Instance,
                provider.GetService<TimeProvider>() ?? TimeProvider.System)
            : Load(provider));

        IRouter Load(IServiceProvider provider) => RouterArtifact.Load(path, new RouterArtifactOptions
        {
            StrongModel = options?.StrongModel,
            WeakModel = options?.WeakModel,
            EmbeddingGenerator = options?.EmbeddingGenerator ?? provider.GetService<IEmbeddingGenerator<string, Embedding<float>>>(),
            NearestNeighbors = options?.NearestNeighbors,
            SimilarityWeighted = options?.SimilarityWeighted,
        });
    }
}
