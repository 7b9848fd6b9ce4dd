namespace RouteLLM.Internals;

/// <summary>What a ledger has, since the calendar month began (UTC), of a client's routes: by all who book to it, and before a restart. Thread-safe.</summary>
internal sealed class MonthlySpending(CostLedger ledger, IReadOnlyList<ModelRoute> routes, TimeProvider timeProvider)
{
    // A month is paced; what was spent in the last seconds changes nothing in that.
    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _routes = [.. routes.Select(static route => route.Name)];
    private readonly Lock _lock = new();
    private DateOnly _month;
    private decimal _spent;
    private DateTimeOffset _nextRead = DateTimeOffset.MinValue;

    /// <summary>Gives what is known to be spent, which a read in the background brings up to date.</summary>
    public decimal Spent()
    {
        DateTimeOffset now = timeProvider.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        lock (_lock)
        {
            var month = new DateOnly(today.Year, today.Month, 1);
            if (month != _month)
            {
                (_month, _spent, _nextRead) = (month, 0, now);
            }

            if (now < _nextRead)
            {
                return _spent;
            }

            _nextRead = now + s_age;
        }

        _ = ReadAsync(today);
        lock (_lock)
        {
            return _spent;
        }
    }

    private async Task ReadAsync(DateOnly today)
    {
        var month = new DateOnly(today.Year, today.Month, 1);
        try
        {
            decimal spent = 0;
            foreach (DailySpend row in await ledger.ReadDailyAsync(month, today).ConfigureAwait(false))
            {
                spent += _routes.Contains(row.Route) ? row.Cost : 0;
            }

            lock (_lock)
            {
                if (_month == month)
                {
                    _spent = Math.Max(_spent, spent);
                }
            }
        }
        catch (Exception)
        {
            // A store that is down is the ledger's to log; what was known before has to do.
        }
    }
}
