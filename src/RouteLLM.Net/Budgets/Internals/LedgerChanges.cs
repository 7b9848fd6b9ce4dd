namespace RouteLLM.Internals;

/// <summary>What has changed in a <see cref="LedgerBook"/>: balances as they are now, and what was added to days.</summary>
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
            Days[day.Key] = Days.TryGetValue(day.Key, out DailySpend? newer) ? newer.Plus(day.Value) : day.Value;
        }
    }
}
