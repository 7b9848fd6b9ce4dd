using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RouteLLM;
using RouteLLM.DependencyInjection;
using RouteLLM.Internals;

namespace Microsoft.Extensions.AI;

/// <summary>Adds routing to a pipeline.</summary>
public static class RoutedChatClientBuilderExtensions
{
    /// <summary>Routes between the pipeline's inner client, as the strong model, and a weak one.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="weak">The weak model's client; it stays the caller's and is not disposed with the pipeline.</param>
    /// <param name="configure">Sets the threshold or strong share, and more.</param>
    /// <param name="router">The router to ask, or <see langword="null"/> for the one the options name: the built-in one by default.</param>
    /// <returns>The same <paramref name="builder"/>.</returns>
    public static ChatClientBuilder UseModelRouting(this ChatClientBuilder builder, IChatClient weak, Action<TwoModelRoutingOptions> configure, IRouter? router = null)
    {
        ArgumentNullException.ThrowIfNull(weak);
        return builder.UseModelRouting(_ => weak, configure, router);
    }

    /// <summary>Routes between the pipeline's inner client, as the strong model, and a weak one.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="weak">Gives the weak model's client; it is not disposed with the pipeline.</param>
    /// <param name="configure">Sets the threshold or strong share, and more.</param>
    /// <param name="router">The router to ask, or <see langword="null"/> for the one the options name: the built-in one by default.</param>
    /// <returns>The same <paramref name="builder"/>.</returns>
    public static ChatClientBuilder UseModelRouting(
        this ChatClientBuilder builder, Func<IServiceProvider, IChatClient> weak, Action<TwoModelRoutingOptions> configure, IRouter? router = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(weak);
        ArgumentNullException.ThrowIfNull(configure);

        // One for each use, so that two routers in one pipeline are told apart.
        var identity = new object();
        return builder.Use((strong, services) => SelfReferenceGuard.Make(identity, static () => "the pipeline's router (UseModelRouting)", () =>
        {
            var options = new TwoModelRoutingOptions();
            configure(options);
            options.Routers ??= services.GetService<IRouterRegistry>() ?? (services is IKeyedServiceProvider ? new ServiceRouterRegistry(services, []) : null);
            RoutingPlan plan = TwoModelPlan.Create(strong, weak(services), router, options, ownsStrong: true, ownsWeak: false, services.GetService<TimeProvider>());
            return new RoutedChatClient(plan, services.GetService<ILoggerFactory>(), services.GetService<IMeterFactory>());
        }));
    }
}
