using RouteLLM;
using RouteLLM.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a ledger that is kept in a SQLite file.</summary>
public static class SqliteLedgerServiceCollectionExtensions
{
    /// <summary>Registers a <see cref="CostLedger"/> with a <see cref="SqliteLedgerStore"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The file; made if there is none.</param>
    /// <param name="configure">Sets the store's options, or <see langword="null"/> for the defaults.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddSqliteCostLedger(this IServiceCollection services, string path, Action<SqliteLedgerOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return services.AddCostLedger(provider =>
        {
            var options = new SqliteLedgerOptions();
            configure?.Invoke(options);
            return new SqliteLedgerStore(path, options, provider.GetService<TimeProvider>());
        });
    }
}
