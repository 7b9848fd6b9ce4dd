using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using RouteLLM;
using RouteLLM.DependencyInjection;
using static RouteLLM.DependencyInjection.RoutingRegistrations;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers chat clients that route between any number of models.</summary>
/// <remarks>
/// <para>
/// Options are validated when the host starts. What changes in a configuration afterwards, routes, prices and policy included, takes effect for the next request, and requests under way keep what they began with; bad values
/// are refused and logged, and the old ones stay. A route's client is made once and kept for as long as the route is; it is used, not owned: the container disposes those registered in it, and one that a factory
/// makes is the application's to dispose.
/// </para>
/// <para>
/// A configuration holds <c>Routes</c>, strongest first, each with a <c>Name</c>, and optionally the <c>ClientKey</c> of its client in the container (its name if absent), a <c>ModelId</c>, a <c>Price</c> (<c>Input</c>, <c>Output</c>,
/// <c>CachedInput</c>, in USD per million tokens), <c>ContextWindow</c>, <c>Abilities</c>, <c>Tags</c>, <c>Region</c> and, instead of a client of its own, <c>Deployments</c>, each with a <c>Name</c> and optionally a
/// <c>ClientKey</c> (its name if absent), <c>Weight</c>, <c>Region</c> and <c>ModelId</c>; a <c>Policy</c>, whose <c>Kind</c> says which other values it has; and the names of the other properties of
/// <see cref="MultiModelRoutingOptions"/>, a section or an array for each feature: <c>Rules</c>, <c>TenantThresholds</c>, <c>UserThresholds</c>, <c>Safety</c>, <c>Resilience</c>, <c>Spending</c>, <c>Split</c>, <c>Conversations</c> and <c>AdaptiveThreshold</c>. If the configuration is a
/// section, a value in it that nothing reads is an error; of a whole configuration, such a value in <c>Routes</c>, <c>Policy</c> or a feature's section is.
/// </para>
/// </remarks>
public static class MultiModelChatClientServiceCollectionExtensions
{
    /// <summary>Registers a chat client that routes between any number of models.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Adds the routes, sets the policy, and more.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddMultiModelChatClient(this IServiceCollection services, Action<MultiModelRoutingOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, serviceKey: null, Checked(configure), configuration: null, lifetime);

    /// <summary>Registers a chat client that routes between any number of models, as a configuration says.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">Holds the options; see the remarks on this class.</param>
    /// <param name="configure">Sets what a configuration cannot hold, such as clients and delegates, or <see langword="null"/>; called after the configuration was read, each time it is.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddMultiModelChatClient(
        this IServiceCollection services, IConfiguration configuration, Action<MultiModelRoutingOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, serviceKey: null, configure, Checked(configuration), lifetime);

    /// <summary>Registers, under a key, a chat client that routes between any number of models.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="configure">Adds the routes, sets the policy, and more.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddKeyedMultiModelChatClient(
        this IServiceCollection services, object serviceKey, Action<MultiModelRoutingOptions> configure, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, Checked(serviceKey), Checked(configure), configuration: null, lifetime);

    /// <summary>Registers, under a key, a chat client that routes between any number of models, as a configuration says.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key; its text names the options.</param>
    /// <param name="configuration">Holds the options; see the remarks on this class.</param>
    /// <param name="configure">Sets what a configuration cannot hold, such as clients and delegates, or <see langword="null"/>; called after the configuration was read, each time it is.</param>
    /// <param name="lifetime">The client's lifetime; a singleton by default.</param>
    /// <returns>A builder for what goes around the router: caching, telemetry, functions.</returns>
    public static ChatClientBuilder AddKeyedMultiModelChatClient(
        this IServiceCollection services, object serviceKey, IConfiguration configuration, Action<MultiModelRoutingOptions>? configure = null, ServiceLifetime lifetime = ServiceLifetime.Singleton) =>
        Add(services, Checked(serviceKey), configure, Checked(configuration), lifetime);

    private static ChatClientBuilder Add(IServiceCollection services, object? serviceKey, Action<MultiModelRoutingOptions>? configure, IConfiguration? configuration, ServiceLifetime lifetime) =>
        RoutingRegistrations.Add(Checked(services), serviceKey, new MultiModelRegistration(serviceKey), configure, configuration, MultiModelConfiguration.Bind, lifetime);
}
