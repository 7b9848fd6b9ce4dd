namespace RouteLLM.Internals;

/// <summary>A ledger in memory: accounts, reservations and days, behind one lock that is held for less than a microsecond.</summary>
/// <param name="keepDays">How many days to keep; 0 where they are kept elsewhere.</param>
/// <param name="trackChanges">Whether to note what changes, for <see cref="TakeChanges"/>.</param>
internal sealed class LedgerBook(int keepDays, bool trackChanges = false)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LedgerBookAccount> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, LedgerReservation> _reservations = [];
    private readonly PriorityQueue<Guid, DateTimeOffset> _leases = new();
    private readonly SortedDictionary<DateOnly, Dictionary<(string Route, string? Tenant), DailySpend>> _days = [];
    private LedgerChanges _changes = new();
    private DateTimeOffset _nextCleaning;

    public LedgerReserveResult Reserve(LedgerReservation reservation)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        IReadOnlyList<LedgerAccount> accounts = reservation.Accounts;
        var balances = new LedgerBalance[accounts.Count];
        lock (_lock)
        {
            ReleaseExpired(reservation.Time);
            Clean(reservation.Time);
            int? refusedBy = null;
            for (int i = 0; i < balances.Length; i++)
            {
                balances[i] = BalanceOf(accounts[i]);
                if (reservation.Amount > 0 && balances[i].Used + reservation.Amount > accounts[i].Limit)
                {
                    refusedBy ??= i;
                }
            }

            if (refusedBy is null && balances.Length > 0)
            {
                _reservations.Add(reservation.Id, reservation);
                _leases.Enqueue(reservation.Id, reservation.Expires);
                for (int i = 0; i < balances.Length; i++)
                {
                    Book(accounts[i], spent: 0, reservation.Amount);
                    balances[i] = balances[i] with { Reserved = balances[i].Reserved + reservation.Amount };
                }
            }

            return new(refusedBy, balances);
        }
    }

    // A charge that is here was never booked before: nothing in memory leaves its caller without an answer.
    public IReadOnlyList<LedgerBalance> Settle(LedgerCharge charge)
    {
        ArgumentNullException.ThrowIfNull(charge);
        IReadOnlyList<LedgerAccount> accounts = charge.Accounts;
        var balances = new LedgerBalance[accounts.Count];
        lock (_lock)
        {
            Release(charge.Id);
            for (int i = 0; i < balances.Length; i++)
            {
                if (charge.Cost != 0)
                {
                    Book(accounts[i], charge.Cost, reserved: 0);
                }

                balances[i] = BalanceOf(accounts[i]);
            }

            if (charge.Calls != 0 || charge.Cost != 0)
            {
                Count(charge);
            }
        }

        return balances;
    }

    public LedgerBalance ReadBalance(LedgerAccount account)
    {
        lock (_lock)
        {
            return BalanceOf(account);
        }
    }

    public IReadOnlyList<DailySpend> ReadDaily(DateOnly from, DateOnly to)
    {
        lock (_lock)
        {
            return DailySpendOrder.Sort(_days.Where(day => day.Key >= from && day.Key <= to).SelectMany(static day => day.Value.Values));
        }
    }

    /// <summary>Takes over what was kept elsewhere, without noting it as a change.</summary>
    public void Restore(string account, long bucket, decimal spent, DateTimeOffset expires)
    {
        lock (_lock)
        {
            LedgerBookAccount restored = AccountFor(account);
            restored.Expires = restored.Expires > expires ? restored.Expires : expires;
            restored.Book(bucket, spent, reserved: 0);
        }
    }

    /// <summary>Takes what has changed since the last time: balances as they are now, and what was added to days.</summary>
    public LedgerChanges TakeChanges()
    {
        lock (_lock)
        {
            LedgerChanges changes = _changes;
            _changes = new();
            return changes;
        }
    }

    /// <summary>Notes changes once more that could not be kept.</summary>
    public void ReturnChanges(LedgerChanges changes)
    {
        lock (_lock)
        {
            _changes.AddOlder(changes);
        }
    }

    private LedgerBalance BalanceOf(LedgerAccount account) =>
        _accounts.TryGetValue(account.Key, out LedgerBookAccount? kept) ? kept.Sum(account.OldestBucket, account.Bucket) : default;

    private LedgerBookAccount AccountFor(string key)
    {
        if (!_accounts.TryGetValue(key, out LedgerBookAccount? account))
        {
            _accounts.Add(key, account = new());
        }

        return account;
    }

    private void Book(LedgerAccount account, decimal spent, decimal reserved)
    {
        LedgerBookAccount kept = AccountFor(account.Key);
        kept.Expires = kept.Expires > account.Expires ? kept.Expires : account.Expires;
        kept.Forget(account.OldestBucket);
        decimal total = kept.Book(account.Bucket, spent, reserved).Spent;
        if (trackChanges && spent != 0)
        {
            _changes.Balances[(account.Key, account.Bucket)] = (total, kept.Expires);
        }
    }

    private void Count(LedgerCharge charge)
    {
        DateOnly day = DateOnly.FromDateTime(charge.Time.UtcDateTime);
        if (keepDays > 0)
        {
            Dictionary<(string, string?), DailySpend> rows = DayOf(day);
            (string, string?) key = (charge.Route, charge.Tenant);
            rows[key] = (rows.GetValueOrDefault(key) ?? new(day, charge.Route, charge.Tenant)).Plus(charge);
        }

        if (trackChanges)
        {
            (DateOnly, string, string?) key = (day, charge.Route, charge.Tenant);
            _changes.Days[key] = (_changes.Days.GetValueOrDefault(key) ?? new(day, charge.Route, charge.Tenant)).Plus(charge);
        }
    }

    private Dictionary<(string Route, string? Tenant), DailySpend> DayOf(DateOnly day)
    {
        if (!_days.TryGetValue(day, out Dictionary<(string, string?), DailySpend>? rows))
        {
            _days.Add(day, rows = []);
            if (keepDays < _days.Count)
            {
                _days.Remove(_days.First().Key);
            }
        }

        return rows;
    }

    private void ReleaseExpired(DateTimeOffset now)
    {
        while (_leases.TryPeek(out Guid id, out DateTimeOffset expires) && expires <= now)
        {
            _leases.Dequeue();
            Release(id);
        }

        // Leases outlive what they are for; without this the queue would hold the settled ones for as long as a reservation may last.
        if (_leases.Count > 1_000 && _leases.Count > 4 * _reservations.Count)
        {
            _leases.Clear();
            foreach (LedgerReservation reservation in _reservations.Values)
            {
                _leases.Enqueue(reservation.Id, reservation.Expires);
            }
        }
    }

    private void Release(Guid id)
    {
        if (_reservations.Remove(id, out LedgerReservation? reservation))
        {
            for (int i = 0; i < reservation.Accounts.Count; i++)
            {
                Book(reservation.Accounts[i], spent: 0, -reservation.Amount);
            }
        }
    }

    // Of tenants and users who never come again nothing is kept once their budgets' periods are over.
    private void Clean(DateTimeOffset now)
    {
        if (now >= _nextCleaning)
        {
            _nextCleaning = now.AddHours(1);
            foreach ((string key, LedgerBookAccount account) in _accounts)
            {
                if (account.Expires <= now)
                {
                    _accounts.Remove(key);
                }
            }
        }
    }
}
