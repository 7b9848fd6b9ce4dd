using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using RouteLLM;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the ledger that counts what requests cost.</summary>
public static class CostLedgerServiceCollectionExtensions
{
    /// <summary>Registers a <see cref="CostLedger"/>, which every routed client whose <see cref="RoutedChatClientOptions.Spending"/> is set and names no other one books to.</summary>
    /// <param name="services">The services.</param>
    /// <param name="store">Makes the store, once, which the container disposes; <see langword="null"/> for the registered <see cref="ILedgerStore"/>, or, if there is none, memory.</param>
    /// <param name="configure">Sets the ledger's options, or <see langword="null"/> for the defaults.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddCostLedger(this IServiceCollection services, Func<IServiceProvider, ILedgerStore>? store = null, Action<CostLedgerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (store is null)
        {
            services.TryAddSingleton<ILedgerStore, MemoryLedgerStore>();
        }
        else
        {
            services.Replace(ServiceDescriptor.Singleton(store));
        }

        services.TryAddSingleton(provider =>
        {
            var options = new CostLedgerOptions();
            configure?.Invoke(options);
            return new CostLedger(provider.GetRequiredService<ILedgerStore>(), options, provider.GetService<ILoggerFactory>(), provider.GetService<TimeProvider>());
        });
        return services;
    }
}
