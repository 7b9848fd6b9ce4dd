namespace RouteLLM.Internals;

/// <summary>What a ledger has, since the calendar month began (UTC), of a client's routes: by all who book to it, and before a restart. Thread-safe.</summary>
internal sealed class MonthlySpending(CostLedger ledger, IReadOnlyList<ModelRoute> routes, TimeProvider timeProvider)
{
    // A month is paced; what was spent in the last seconds changes nothing in that.
    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _routes = [.. routes.Select(static route => route.Name)];
    private readonly Lock _lock = new();
    private DateOnly _month;
    private decimal? _spent;
    private DateTimeOffset _nextRead = DateTimeOffset.MinValue;

    /// <summary>Gives what is known to be spent, and has it brought up to date where it is older than that.</summary>
    /// <exception cref="InvalidOperationException">Nothing is known of this month yet; what was known before has to do.</exception>
    public decimal Spent()
    {
        DateTimeOffset now = timeProvider.GetUtcNow();
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        lock (_lock)
        {
            var month = new DateOnly(today.Year, today.Month, 1);
            if (month != _month)
            {
                (_month, _spent, _nextRead) = (month, null, now);
            }

            if (now < _nextRead)
            {
                return Known();
            }

            _nextRead = now + s_age;
        }

        _ = ReadAsync(today);
        lock (_lock)
        {
            return Known();
        }
    }

    private decimal Known() => _spent ?? throw new InvalidOperationException("The ledger has not told yet what was spent this month.");

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
                    _spent = Math.Max(_spent ?? 0, spent);
                }
            }
        }
        catch (Exception)
        {
            // A store that is down is the ledger's to log; what was known before has to do.
        }
    }
}
