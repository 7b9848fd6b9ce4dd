using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using RouteLLM;
using RouteLLM.DependencyInjection;
using RouteLLM.Diagnostics;
using RouteLLM.Internals;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what watches requests: decision log, drift monitor, shadows and the sampler of live quality.</summary>
/// <remarks>
/// Of log, drift monitor and sampler there is one each, and the last registration counts; shadows may be several. All routed clients of the container report to every <see cref="IRoutingObserver"/> that is registered in it, these and an application's own. The container disposes of them when it is disposed of, which is when the log writes what is left.
/// </remarks>
public static class RoutingObserverServiceCollectionExtensions
{
    /// <summary>Has decisions logged to files: a line of JSON for each request.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">Where the log goes, such as <c>logs/decisions.jsonl</c>.</param>
    /// <param name="configure">Sets the rest, or <see langword="null"/> for the defaults.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    /// <seealso cref="DecisionLog"/>
    public static IServiceCollection AddRoutingDecisionLog(this IServiceCollection services, string path, Action<DecisionLogOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return services.AddObserver(provider =>
        {
            var options = new DecisionLogOptions { Path = path };
            configure?.Invoke(options);
            return new DecisionLog(options, provider.GetService<ILoggerFactory>(), provider.GetService<IMeterFactory>(), provider.GetService<TimeProvider>());
        });
    }

    /// <summary>Has decisions logged to files, as a configuration says: <c>Path</c>, and the names of the other properties of <see cref="DecisionLogOptions"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">Holds the options, which are read once, when the log begins. Of a section, a value that nothing reads is an error.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddRoutingDecisionLog(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return services.AddObserver(provider =>
            new DecisionLog(ObserverConfiguration.ReadLog(configuration), provider.GetService<ILoggerFactory>(), provider.GetService<IMeterFactory>(), provider.GetService<TimeProvider>()));
    }

    /// <summary>Has the win probabilities of recent requests compared with those of calibration, for metrics and <see cref="AddRoutingDrift"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets window, limits and baselines, or <see langword="null"/> for the defaults.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    /// <seealso cref="WinProbabilityDriftMonitor"/>
    public static IServiceCollection AddRoutingDriftMonitor(this IServiceCollection services, Action<WinProbabilityDriftOptions>? configure = null) =>
        services.AddObserver(provider =>
        {
            var options = new WinProbabilityDriftOptions();
            configure?.Invoke(options);
            return new WinProbabilityDriftMonitor(options, provider.GetService<IMeterFactory>());
        });

    /// <summary>Has a candidate router decide on the same requests, without effect.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The shadow's name; the key that its <see cref="ShadowRouting"/> is registered under.</param>
    /// <param name="router">Gives the router.</param>
    /// <param name="threshold">Its threshold, in [0, 1].</param>
    /// <param name="configure">Sets how much it sees, and more, or <see langword="null"/> for the defaults.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddRoutingShadow(this IServiceCollection services, string name, Func<IServiceProvider, IRouter> router, double threshold, Action<ShadowOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(router);
        return services.AddShadow(name, provider => new ShadowRouting(name, router(provider), threshold, Configured(configure), provider.GetService<ILoggerFactory>(), provider.GetService<IMeterFactory>(), provider.GetService<TimeProvider>()));
    }

    /// <summary>Has a registered router decide on the same requests, without effect, as a configuration says: <c>Router</c>, its name, <c>Threshold</c>, and the names of the properties of <see cref="ShadowOptions"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The shadow's name; the key that its <see cref="ShadowRouting"/> is registered under.</param>
    /// <param name="configuration">Holds the options, which are read once, when the shadow is made. Of a section, a value that nothing reads is an error.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddRoutingShadow(this IServiceCollection services, string name, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        RoutingRegistrations.AddRegistry(services);
        return services.AddShadow(name, provider =>
        {
            (string router, double threshold, ShadowOptions options) = ObserverConfiguration.ReadShadow(configuration);
            IRouter found = TwoModelPlan.FindRouter(provider.GetRequiredService<IRouterRegistry>(), router);

            // The service itself, where there is one, follows its artifact's changes.
            return new ShadowRouting(name, provider.GetKeyedService<IRouter>(router) ?? found, threshold, options, provider.GetService<ILoggerFactory>(), provider.GetService<IMeterFactory>(), provider.GetService<TimeProvider>());
        });
    }

    /// <summary>Has a candidate policy decide on the same requests, without effect.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The shadow's name; the key that its <see cref="ShadowRouting"/> is registered under.</param>
    /// <param name="policy">Gives the policy; its routes have the names of the client's.</param>
    /// <param name="configure">Sets how much it sees, and more, or <see langword="null"/> for the defaults.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddRoutingShadow(this IServiceCollection services, string name, Func<IServiceProvider, IRoutingPolicy> policy, Action<ShadowOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return services.AddShadow(name, provider => new ShadowRouting(name, policy(provider), Configured(configure), provider.GetService<ILoggerFactory>(), provider.GetService<IMeterFactory>(), provider.GetService<TimeProvider>()));
    }

    /// <summary>Has a sample of live answers judged.</summary>
    /// <param name="services">The services.</param>
    /// <param name="judge">Gives what judges: how good the answer to a request is, in [0, 1].</param>
    /// <param name="configure">Sets how much is judged, and more, or <see langword="null"/> for the defaults.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    /// <seealso cref="LiveQualitySampler"/>
    public static IServiceCollection AddRoutingQualitySampler(this IServiceCollection services, Func<IServiceProvider, Func<RouteRecord, CancellationToken, ValueTask<double>>> judge, Action<LiveQualityOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(judge);
        return services.AddObserver(provider =>
        {
            var options = new LiveQualityOptions();
            configure?.Invoke(options);

            // Made when it is first needed: a judge may well be a chat client of this container, even the routed one.
            var made = new Lazy<Func<RouteRecord, CancellationToken, ValueTask<double>>>(() => judge(provider));
            return new LiveQualitySampler((record, cancellationToken) => made.Value(record, cancellationToken), options, provider.GetService<ILoggerFactory>(), provider.GetService<IMeterFactory>(), provider.GetService<TimeProvider>());
        });
    }

    /// <summary>Adds a health check that turns degraded while a router's win probabilities have drifted from those of calibration. It registers the monitor, with its defaults, unless <see cref="AddRoutingDriftMonitor"/> does.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name. The default is <c>routing-drift</c>.</param>
    /// <param name="failureStatus">What the check turns. The default is <see cref="HealthStatus.Degraded"/>.</param>
    /// <param name="tags">The check's tags, or <see langword="null"/> for none.</param>
    /// <returns>The same <paramref name="builder"/>.</returns>
    public static IHealthChecksBuilder AddRoutingDrift(this IHealthChecksBuilder builder, string name = "routing-drift", HealthStatus failureStatus = HealthStatus.Degraded, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.Services.Any(static descriptor => descriptor.ServiceType == typeof(WinProbabilityDriftMonitor)))
        {
            builder.Services.AddRoutingDriftMonitor();
        }

        return builder.Add(new HealthCheckRegistration(name, static provider => new WinProbabilityDriftHealthCheck(provider.GetRequiredService<WinProbabilityDriftMonitor>()), failureStatus, tags));
    }

    private static ShadowOptions Configured(Action<ShadowOptions>? configure)
    {
        var options = new ShadowOptions();
        configure?.Invoke(options);
        return options;
    }

    private static IServiceCollection AddShadow(this IServiceCollection services, string name, Func<IServiceProvider, ShadowRouting> create)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        services.AddKeyedSingleton(name, (provider, _) => create(provider));
        return services.AddSingleton<IRoutingObserver>(provider => provider.GetRequiredKeyedService<ShadowRouting>(name));
    }

    // Of several registrations of a kind the last one counts, as for any service; it is told once.
    private static IServiceCollection AddObserver<T>(this IServiceCollection services, Func<IServiceProvider, T> create)
        where T : class, IRoutingObserver
    {
        ArgumentNullException.ThrowIfNull(services);
        if (!services.Any(static descriptor => descriptor.ServiceType == typeof(T) && !descriptor.IsKeyedService))
        {
            services.AddSingleton<IRoutingObserver>(static provider => provider.GetRequiredService<T>());
        }

        services.AddSingleton(create);
        return services;
    }
}
