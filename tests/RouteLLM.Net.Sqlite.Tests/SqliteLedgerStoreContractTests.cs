using RouteLLM.Tests.Budgets;

namespace RouteLLM.Sqlite.Tests;

public sealed class SqliteLedgerStoreContractTests : LedgerStoreContract, IDisposable
{
    private readonly SqliteFolder _folder = new();
    private SqliteLedgerStore? _store;

    public void Dispose()
    {
        _store?.Dispose();
        _folder.Dispose();
    }

    protected override ValueTask<ILedgerStore> CreateAsync() => new(_store = new SqliteLedgerStore(_folder.Ledger));
}
