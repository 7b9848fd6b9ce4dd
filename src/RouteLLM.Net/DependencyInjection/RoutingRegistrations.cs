using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RouteLLM.Internals;

namespace RouteLLM.DependencyInjection;

/// <summary>Registers routed clients, whatever their options.</summary>
internal static class RoutingRegistrations
{
    /// <param name="bind">Reads a configuration into options, and has the files that it names watched.</param>
    public static ChatClientBuilder Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        IServiceCollection services,
        object? serviceKey,
        RoutingRegistration<TOptions> registration,
        Action<TOptions>? configure,
        IConfiguration? configuration,
        Action<IConfiguration, TOptions, Action<string>> bind,
        ServiceLifetime lifetime)
        where TOptions : RoutedChatClientOptions
    {
        AddRegistry(services);
        OptionsBuilder<TOptions> options = services.AddOptions<TOptions>(registration.Name);
        if (configuration is not null)
        {
            options.Configure<IServiceProvider>((target, provider) => bind(configuration, target, provider.GetRequiredKeyedService<FileWatch>(registration).Add));
            services.AddSingleton<IOptionsChangeTokenSource<TOptions>>(new ConfigurationChangeTokenSource<TOptions>(registration.Name, configuration));
        }

        if (configure is not null)
        {
            options.Configure(configure);
        }

        options.PostConfigure<IRouterRegistry>(static (target, registry) => target.Routers ??= registry);
        options.PostConfigure<IServiceProvider>(static (target, provider) => target.Conversations?.Store ??= provider.GetService<IConversationStore>());
        options.PostConfigure<IServiceProvider>(static (target, provider) => target.Spending?.Ledger ??= provider.GetService<CostLedger>());
        options.PostConfigure<IEnumerable<IRoutingObserver>>(static (target, observers) => RegisteredObservers.AddTo(target, observers));
        services.AddSingleton<IValidateOptions<TOptions>>(provider => new RoutingOptionsValidator<TOptions>(registration, provider));
        services.AddKeyedSingleton(registration, static (provider, _) => new FileWatch(provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddKeyedSingleton(registration, static (provider, key) => new LiveRoutingOptions<TOptions>((RoutingRegistration<TOptions>)key!, provider));

        // Validated through options of their own, for the monitor behind ValidateOnStart would throw at whoever reloads a configuration to a bad value.
        services.AddOptions<StartupCheck<TOptions>>(registration.Name)
            .Validate<IServiceProvider>((_, provider) => provider.GetRequiredKeyedService<LiveRoutingOptions<TOptions>>(registration) is not null)
            .ValidateOnStart();
        return serviceKey is null
            ? services.AddChatClient(registration.CreateClient, lifetime)
            : services.AddKeyedChatClient(serviceKey, registration.CreateClient, lifetime);
    }

    public static void AddRegistry(IServiceCollection services)
    {
        services.TryAddSingleton<RouterChanges>();
        services.TryAddSingleton<IRouterRegistry>(provider => new ServiceRouterRegistry(provider, services));
        services.TryAddKeyedSingleton<IRouter>(RouterRegistry.BuiltInName, static (_, _) => BuiltInRouter.Create());
    }

    public static T Checked<T>(T argument, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(argument))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(argument, name);
        return argument;
    }

    // One for each kind of client, so that two of one name are both checked.
    private sealed class StartupCheck<TOptions>;
}
