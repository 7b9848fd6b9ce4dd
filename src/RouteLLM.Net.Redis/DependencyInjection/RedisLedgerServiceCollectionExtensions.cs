using RouteLLM;
using RouteLLM.Redis;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a ledger that is kept in Redis.</summary>
public static class RedisLedgerServiceCollectionExtensions
{
    /// <summary>Registers a <see cref="CostLedger"/> with a <see cref="RedisLedgerStore"/> on the registered <see cref="IConnectionMultiplexer"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the store's options, or <see langword="null"/> for the defaults.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddRedisCostLedger(this IServiceCollection services, Action<RedisLedgerOptions>? configure = null) =>
        services.AddCostLedger(provider =>
        {
            var options = new RedisLedgerOptions();
            configure?.Invoke(options);
            return new RedisLedgerStore(provider.GetRequiredService<IConnectionMultiplexer>(), options);
        });
}
