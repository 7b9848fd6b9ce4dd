namespace RouteLLM.Tests.Simulation;

/// <summary>Keeps books of its own beside a store that is never down, and checks that each reservation is settled once and that no budget is exceeded by more than what is in flight.</summary>
/// <remarks>
/// When a call is admitted, what is spent, reserved and expected together is within the limit. So what is spent can exceed it by no more than what the calls in flight then cost beyond their reservations: one for each caller. Calls of the weakest
/// route that go on beyond a limit are not what the limit bounds.
/// </remarks>
internal sealed class AuditedLedgerStore(ILedgerStore inner, Journal journal, int callers) : ILedgerStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, decimal> _open = [];
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private decimal _largestOverrun;

    public bool SurvivesRestart => inner.SurvivesRestart;

    /// <summary>Gets the number of reservations that are not settled.</summary>
    public int Open
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Gets the most that a call cost beyond its reservation, in USD.</summary>
    public decimal LargestOverrun => _largestOverrun;

    /// <summary>Gets the greatest share of each budget's limit that was spent at any time, by account.</summary>
    public IReadOnlyDictionary<string, decimal> PeakShares
    {
        get
        {
            lock (_lock)
            {
                return _accounts.ToDictionary(static account => account.Key, static account => account.Value.PeakShare);
            }
        }
    }

    public async ValueTask<LedgerReserveResult> ReserveAsync(LedgerReservation reservation, CancellationToken cancellationToken = default)
    {
        LedgerReserveResult result = await inner.ReserveAsync(reservation, cancellationToken);
        lock (_lock)
        {
            if (result.RefusedBy is null && !_open.TryAdd(reservation.Id, reservation.Amount))
            {
                journal.Violate($"{reservation.Id}: reserved twice");
            }

            if (_open.Count > callers)
            {
                journal.Violate($"{_open.Count} reservations of {callers} callers");
            }
        }

        return result;
    }

    public async ValueTask<IReadOnlyList<LedgerBalance>> SettleAsync(LedgerCharge charge, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<LedgerBalance> balances = await inner.SettleAsync(charge, cancellationToken);
        lock (_lock)
        {
            if (!charge.IsReserved || !_open.Remove(charge.Id, out decimal reserved))
            {
                journal.Violate($"{charge.Id}: settled without a reservation, or twice");
                return balances;
            }

            _largestOverrun = Math.Max(_largestOverrun, charge.Cost - reserved);
            foreach (LedgerAccount account in charge.Accounts)
            {
                Book(account, charge.Cost);
            }
        }

        return balances;
    }

    public ValueTask<LedgerBalance> ReadBalanceAsync(LedgerAccount account, CancellationToken cancellationToken = default) => inner.ReadBalanceAsync(account, cancellationToken);

    public ValueTask<IReadOnlyList<DailySpend>> ReadDailyAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default) => inner.ReadDailyAsync(from, to, cancellationToken);

    /// <summary>Checks that, at the end, nothing is reserved any more and every balance is that of these books.</summary>
    public async Task CheckBalancesAsync()
    {
        foreach ((string key, Account account) in _accounts)
        {
            LedgerBalance balance = await inner.ReadBalanceAsync(account.Latest);
            decimal spent = account.SpentIn(account.Latest, static sums => sums.All);
            if (balance != new LedgerBalance(spent, 0))
            {
                journal.Violate($"the balance of {key} is {balance.Spent} spent and {balance.Reserved} reserved, but {spent} were spent");
            }
        }
    }

    private void Book(LedgerAccount account, decimal cost)
    {
        if (!_accounts.TryGetValue(account.Key, out Account? known))
        {
            _accounts.Add(account.Key, known = new(account));
        }

        known.Book(account, cost);
        if (account.Limit is { } limit)
        {
            decimal spent = known.SpentIn(account, static sums => sums.Limited);
            known.PeakShare = Math.Max(known.PeakShare, spent / limit);
            if (spent > limit + (callers * Math.Max(_largestOverrun, 0)))
            {
                journal.Violate($"{spent} of {limit} are spent of {account.Key}, though no call cost more than {_largestOverrun} beyond what was reserved for it");
            }
        }
    }

    private sealed class Account(LedgerAccount first)
    {
        private readonly SortedDictionary<long, (decimal All, decimal Limited)> _buckets = [];

        public LedgerAccount Latest { get; private set; } = first;

        public decimal PeakShare { get; set; }

        public void Book(LedgerAccount account, decimal cost)
        {
            if (account.Bucket > Latest.Bucket)
            {
                Latest = account;
                while (_buckets.Count > 0 && _buckets.First().Key < account.OldestBucket)
                {
                    _buckets.Remove(_buckets.First().Key);
                }
            }

            (decimal all, decimal limited) = _buckets.GetValueOrDefault(account.Bucket);
            _buckets[account.Bucket] = (all + cost, limited + (account.Limit is null ? 0 : cost));
        }

        public decimal SpentIn(LedgerAccount window, Func<(decimal All, decimal Limited), decimal> which) =>
            _buckets.Where(bucket => bucket.Key >= window.OldestBucket && bucket.Key <= window.Bucket).Sum(bucket => which(bucket.Value));
    }
}
