namespace RouteLLM.Internals;

/// <summary>The amounts of one account by bucket: one bucket for a calendar period, up to 61 for a sliding window.</summary>
internal sealed class LedgerBookAccount
{
    private readonly SortedList<long, LedgerBalance> _buckets = [];

    public DateTimeOffset Expires { get; set; }

    public LedgerBalance Sum(long oldest, long newest)
    {
        decimal spent = 0, reserved = 0;
        for (int i = _buckets.Count - 1; i >= 0 && _buckets.Keys[i] >= oldest; i--)
        {
            if (_buckets.Keys[i] <= newest)
            {
                spent += _buckets.Values[i].Spent;
                reserved += _buckets.Values[i].Reserved;
            }
        }

        return new(spent, reserved);
    }

    public LedgerBalance Book(long bucket, decimal spent, decimal reserved)
    {
        LedgerBalance balance = _buckets.GetValueOrDefault(bucket);
        return _buckets[bucket] = new(balance.Spent + spent, balance.Reserved + reserved);
    }

    // What is before the oldest bucket that counts, but for what calls that are still in flight have reserved there.
    public void Forget(long oldest)
    {
        while (_buckets.Count > 0 && _buckets.Keys[0] < oldest && _buckets.Values[0].Reserved == 0)
        {
            _buckets.RemoveAt(0);
        }
    }
}
