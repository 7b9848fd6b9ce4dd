namespace RouteLLM.Internals;

/// <summary>The amounts of a <see cref="LedgerBook"/> that have changed, as they are now.</summary>
internal sealed class LedgerChanges
{
    public Dictionary<(string Account, long Bucket), (decimal Spent, DateTimeOffset Expires)> Balances { get; } = [];

    public Dictionary<(DateOnly Day, string Route, string? Tenant), DailySpend> Days { get; } = [];

    public bool IsEmpty => Balances.Count == 0 && Days.Count == 0;

    public void AddOlder(LedgerChanges older)
    {
        foreach (var balance in older.Balances)
        {
            Balances.TryAdd(balance.Key, balance.Value);
        }

        foreach (var day in older.Days)
        {
            Days.TryAdd(day.Key, day.Value);
        }
    }
}
