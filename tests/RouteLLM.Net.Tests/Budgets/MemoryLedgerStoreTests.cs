namespace RouteLLM.Tests.Budgets;

public sealed class MemoryLedgerStoreTests : LedgerStoreContract
{
    protected override ValueTask<ILedgerStore> CreateAsync() => new(new MemoryLedgerStore());
}
