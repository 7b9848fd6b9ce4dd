using System.Diagnostics.CodeAnalysis;

namespace RouteLLM.Internals;

/// <summary>Charges that wait for a store to come back. Those without a reservation are added up, so that a long outage takes no more room than there are days, routes and tenants.</summary>
internal sealed class PendingCharges
{
    private readonly Lock _lock = new();
    private readonly Queue<LedgerCharge> _charges = [];
    private readonly Dictionary<string, LedgerCharge> _sums = new(StringComparer.Ordinal);
    private decimal _cost;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _charges.Count + _sums.Count;
            }
        }
    }

    public decimal Cost
    {
        get
        {
            lock (_lock)
            {
                return _cost;
            }
        }
    }

    public void Add(LedgerCharge charge)
    {
        lock (_lock)
        {
            _cost += charge.Cost;

            // What was tried already may be booked, so nothing can be added to it any more.
            if (charge.IsReserved || charge.IsRetry)
            {
                _charges.Enqueue(charge);
                return;
            }

            string key = $"{charge.Time.UtcDateTime:yyyyMMdd}\n{charge.Route}\n{charge.Tenant is null}{charge.Tenant}\n{string.Join('\n', charge.Accounts.Select(static account => $"{account.Key} {account.Bucket}"))}";
            _sums[key] = _sums.TryGetValue(key, out LedgerCharge? sum) ? sum.Plus(charge) : charge;
        }
    }

    public bool TryTake([NotNullWhen(true)] out LedgerCharge? charge)
    {
        lock (_lock)
        {
            if (!_charges.TryDequeue(out charge) && _sums.Count > 0)
            {
                (string key, charge) = _sums.First();
                _sums.Remove(key);
            }

            _cost -= charge?.Cost ?? 0;
            return charge is not null;
        }
    }
}
