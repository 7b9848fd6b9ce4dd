using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using RouteLLM;
using RouteLLM.DependencyInjection;
using static RouteLLM.DependencyInjection.RoutingRegistrations;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers routed chat clients and named routers.</summary>
/// <remarks>
/// <para>
/// Options are validated when the host starts, and values that change in a configuration afterwards take effect for the next request; bad ones are
/// refused and logged, and the old ones stay. The clients of the two models are used, not owned: the container disposes those registered in it, and one that a
/// factory makes itself is the application's to dispose.
/// </para>
/// <para>
/// A configuration holds the names of <see cref="TwoModelRoutingOptions"/> (<c>StrongShare</c>, <c>Threshold</c>, <c>Calibration</c>, the path of a calibration file, <c>Router</c>, <c>StrongModel</c>, <c>WeakModel</c>,
/// <c>RouterTimeout</c>, <c>RouterFallback</c>, <c>FailOver</c>, <c>IgnoreUnknownModelIds</c>, <c>EnableSensitiveData</c>, and <c>PromptSelector</c>: <c>LastUserMessage</c>, <c>FollowUpsInContext</c>,
/// <c>WholeConversation</c> or <c>LastTurns:3</c>), the sections <c>StrongProfile</c> and <c>WeakProfile</c> (<c>Price</c> with <c>Input</c>, <c>Output</c> and <c>CachedInput</c>, <c>ContextWindow</c>, <c>Abilities</c>, <c>Tags</c>, <c>Region</c>),
/// <c>Conversations</c>, <c>AdaptiveThreshold</c>, <c>Resilience</c>, <c>Spending</c>, <c>Split</c>, <c>Safety</c> and <c>Rules</c> with the names of the properties of <see cref="ConversationOptions"/>, <see cref="AdaptiveThresholdOptions"/>, <see cref="ResilienceOptions"/>, <see cref="SpendingOptions"/>,
/// <see cref="TrafficSplit"/>, <see cref="SafetyOptions"/> and <see cref="RoutingRule"/>, <c>TenantThresholds</c> and <c>UserThresholds</c>, or the flat keys <c>STRONG_MODEL</c>, <c>WEAK_MODEL</c>, <c>ROUTER_TYPE</c> and <c>ROUTER_THRESHOLD</c>, as an environment does. If the configuration is a
/// section, a value in it that nothing reads is an error; of a whole configuration, such a value in a feature's section is.
/// </para>
/// </remarks>
public static class RoutedChatClientServiceCollectionExtensions
{
    /// <summary>Registers a chat client that routes between a strong and a weak model.</summary>
    /// <param name="services">The services.</param>
    /// <param name="strong">Gives the strong model's client.</param>
    /// <param name="weak">Gives the weak model's client.</param>
    /// <param name="configure">Sets the threshold or strong share, and more.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddRoutedChatClient(
        this IServiceCollection services, Func<IServiceProvider, IChatClient> strong, Func<IServiceProvider, IChatClient> weak, Action<TwoModelRoutingOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, serviceKey: null, Checked(strong), Checked(weak), configure, configuration: null, lifetime);

    /// <summary>Registers a chat client that routes between a strong and a weak model, as a configuration says.</summary>
    /// <param name="services">The services.</param>
    /// <param name="strong">Gives the strong model's client.</param>
    /// <param name="weak">Gives the weak model's client.</param>
    /// <param name="configuration">Holds the options; see the remarks on this class.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddRoutedChatClient(
        this IServiceCollection services, Func<IServiceProvider, IChatClient> strong, Func<IServiceProvider, IChatClient> weak, IConfiguration configuration, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, serviceKey: null, Checked(strong), Checked(weak), configure: null, Checked(configuration), lifetime);

    /// <summary>Registers a chat client that routes between the chat clients registered under the keys <c>strong</c> and <c>weak</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the threshold or strong share, and more.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddRoutedChatClient(
        this IServiceCollection services, Action<TwoModelRoutingOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, serviceKey: null, strong: null, weak: null, configure, configuration: null, lifetime);

    /// <summary>Registers a chat client that routes between the chat clients registered under the keys <c>strong</c> and <c>weak</c>, as a configuration says.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">Holds the options; see the remarks on this class.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddRoutedChatClient(
        this IServiceCollection services, IConfiguration configuration, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, serviceKey: null, strong: null, weak: null, configure: null, Checked(configuration), lifetime);

    /// <summary>Registers, under a key, a chat client that routes between a strong and a weak model.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="strong">Gives the strong model's client.</param>
    /// <param name="weak">Gives the weak model's client.</param>
    /// <param name="configure">Sets the threshold or strong share, and more.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddKeyedRoutedChatClient(
        this IServiceCollection services, object serviceKey, Func<IServiceProvider, IChatClient> strong, Func<IServiceProvider, IChatClient> weak, Action<TwoModelRoutingOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, Checked(serviceKey), Checked(strong), Checked(weak), configure, configuration: null, lifetime);

    /// <summary>Registers, under a key, a chat client that routes between a strong and a weak model, as a configuration says.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="strong">Gives the strong model's client.</param>
    /// <param name="weak">Gives the weak model's client.</param>
    /// <param name="configuration">Holds the options; see the remarks on this class.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddKeyedRoutedChatClient(
        this IServiceCollection services, object serviceKey, Func<IServiceProvider, IChatClient> strong, Func<IServiceProvider, IChatClient> weak, IConfiguration configuration, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, Checked(serviceKey), Checked(strong), Checked(weak), configure: null, Checked(configuration), lifetime);

    /// <summary>Registers, under a key, a chat client that routes between the chat clients registered under the keys <c>strong</c> and <c>weak</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="configure">Sets the threshold or strong share, and more.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddKeyedRoutedChatClient(
        this IServiceCollection services, object serviceKey, Action<TwoModelRoutingOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, Checked(serviceKey), strong: null, weak: null, configure, configuration: null, lifetime);

    /// <summary>Registers, under a key, a chat client that routes between the chat clients registered under the keys <c>strong</c> and <c>weak</c>, as a configuration says.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="configuration">Holds the options; see the remarks on this class.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddKeyedRoutedChatClient(
        this IServiceCollection services, object serviceKey, IConfiguration configuration, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, Checked(serviceKey), strong: null, weak: null, configure: null, Checked(configuration), lifetime);

    /// <summary>Registers a router under a name, so that options and <c>router-NAME-THRESHOLD</c> model ids find it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name, which may hold hyphens. It is the key of a keyed <see cref="IRouter"/> service; one registered so by other means is found too.</param>
    /// <param name="router">Makes the router, once; the container disposes it.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddRouter(this IServiceCollection services, string name, Func<IServiceProvider, IRouter> router)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(router);
        AddRegistry(services);
        return services.AddKeyedSingleton(name, (provider, _) => router(provider));
    }

    /// <summary>Registers a router under a name, so that options and <c>router-NAME-THRESHOLD</c> model ids find it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name, which may hold hyphens.</param>
    /// <param name="router">The router; it stays the caller's, and the container does not dispose it.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddRouter(this IServiceCollection services, string name, IRouter router)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(router);
        AddRegistry(services);
        return services.AddKeyedSingleton(name, router);
    }

    private static ChatClientBuilder Add(
        IServiceCollection services,
        object? serviceKey,
        Func<IServiceProvider, IChatClient>? strong,
        Func<IServiceProvider, IChatClient>? weak,
        Action<TwoModelRoutingOptions>? configure,
        IConfiguration? configuration,
        ServiceLifetime lifetime) =>
        RoutingRegistrations.Add(Checked(services), serviceKey, new TwoModelRegistration(serviceKey, strong, weak), configure, configuration, RoutingConfiguration.Bind, lifetime);
}
