using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RouteLLM.Internals;

/// <summary>The balances that this process has seen last, and which budgets it has warned of.</summary>
internal sealed class BalanceCache(TimeProvider timeProvider, Func<ILogger> logger)
{
    // Enough that the accounts of all tenants who are active at once stay; those of others go when their periods are over.
    private const int RoomyCount = 10_000;

    // A sliding window's amount may hover about the share at which to warn; it has to fall below this part of it before there is a warning again.
    private const decimal Rearm = 0.9m;

    private readonly ConcurrentDictionary<string, Known> _accounts = new(StringComparer.Ordinal);
    private long _cleaned;

    /// <summary>Raised when the amount of a budget passes the share at which to warn.</summary>
    public event Action<BudgetStatus>? Warned;

    public IReadOnlyList<BudgetStatus> Statuses
    {
        get
        {
            DateTimeOffset now = timeProvider.GetUtcNow();
            return [.. _accounts.Values.Where(known => known.Account.Expires > now).Select(static known => known.Status).OfType<BudgetStatus>().OrderBy(static status => status.Account, StringComparer.Ordinal)];
        }
    }

    public bool TryGet(LedgerAccount account, TimeSpan age, out LedgerBalance balance)
    {
        balance = default;
        if (!_accounts.TryGetValue(account.Key, out Known? known))
        {
            return false;
        }

        lock (known)
        {
            // A calendar period that is over says nothing of the next; what is left in a sliding window is nearly what was.
            balance = known.Account.Bucket >= account.OldestBucket ? known.Balance : default;
            return known.Account.Bucket >= account.Bucket && timeProvider.GetElapsedTime(known.Timestamp) <= age;
        }
    }

    public void Set(BudgetScope scope, LedgerAccount account, LedgerBalance balance)
    {
        if (_accounts.Count > RoomyCount)
        {
            Clean();
        }

        Known known = _accounts.GetOrAdd(account.Key, static _ => new());
        BudgetStatus? warning = null;
        lock (known)
        {
            if (known.Scope is not null && (known.Account.Bucket > account.Bucket || IsOvertaken(known, account, balance)))
            {
                return;
            }

            known.Scope = scope;
            known.Account = account;
            known.Balance = balance;
            known.Timestamp = timeProvider.GetTimestamp();
            if (balance.Spent >= scope.WarnAt && !known.HasWarned)
            {
                known.HasWarned = true;
                warning = scope.StatusOf(account, balance);
            }
            else if (known.HasWarned && balance.Spent < scope.WarnAt * Rearm)
            {
                known.HasWarned = false;
            }
        }

        if (warning is not null)
        {
            Warned?.Invoke(warning);
            logger().BudgetWarning(warning.Budget, warning.Account, warning.SpentShare, warning.Spent, warning.Limit);
            try
            {
                scope.Warn(warning);
            }
            catch (Exception error)
            {
                logger().WarningFailed(error, warning.Budget, error.GetType().Name);
            }
        }
    }

    // Of calls that end at once, the store's answers may come in another order than it gave them. Within a bucket what is spent only grows, so less of it is older; unless a store has lost something, which a second later is believed.
    private bool IsOvertaken(Known known, LedgerAccount account, LedgerBalance balance) =>
        known.Account.Bucket == account.Bucket && balance.Spent < known.Balance.Spent && timeProvider.GetElapsedTime(known.Timestamp) < TimeSpan.FromSeconds(1);

    private void Clean()
    {
        long now = timeProvider.GetTimestamp(), cleaned = Volatile.Read(ref _cleaned);
        if (timeProvider.GetElapsedTime(cleaned, now) < TimeSpan.FromMinutes(1) || Interlocked.CompareExchange(ref _cleaned, now, cleaned) != cleaned)
        {
            return;
        }

        DateTimeOffset time = timeProvider.GetUtcNow();
        foreach ((string key, Known known) in _accounts)
        {
            if (known.Account.Expires <= time)
            {
                _accounts.TryRemove(key, out _);
            }
        }
    }

    private sealed class Known
    {
        public BudgetScope? Scope { get; set; }

        public LedgerAccount Account { get; set; }

        public LedgerBalance Balance { get; set; }

        public long Timestamp { get; set; }

        public BudgetStatus? Status
        {
            get
            {
                lock (this)
                {
                    return Scope?.StatusOf(Account, Balance);
                }
            }
        }

        public bool HasWarned { get; set; }
    }
}
