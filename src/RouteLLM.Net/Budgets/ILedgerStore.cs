namespace RouteLLM;

/// <summary>Keeps what was spent: by budget, for limits, and by day, route and tenant, for reports.</summary>
/// <remarks>
/// <see cref="MemoryLedgerStore"/> is for one process and one run; the packages RouteLLM.Net.Sqlite and RouteLLM.Net.Redis have stores that survive a restart and that many instances share. Implementations are thread-safe, each
/// operation is atomic, and what they throw counts as the store being down (<see cref="SpendingOptions.WhenStoreDown"/>).
/// </remarks>
public interface ILedgerStore
{
    /// <summary>Gets a value indicating whether what was spent is still known after a restart of the process.</summary>
    bool SurvivesRestart { get; }

    /// <summary>Reserves an amount in some accounts, in all of them or, if a limit would be exceeded, in none. Reservations that have expired are released first.</summary>
    /// <param name="reservation">The amount and the accounts.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether it is reserved, and the balances.</returns>
    ValueTask<LedgerReserveResult> ReserveAsync(LedgerReservation reservation, CancellationToken cancellationToken = default);

    /// <summary>Books what a call cost in place of its reservation, whether or not that has expired. A charge is booked once, however often it is retried (<see cref="LedgerCharge.IsRetry"/>).</summary>
    /// <param name="charge">The cost.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The balances of the charge's accounts, in order.</returns>
    ValueTask<IReadOnlyList<LedgerBalance>> SettleAsync(LedgerCharge charge, CancellationToken cancellationToken = default);

    /// <summary>Reads what an account holds.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The balance.</returns>
    ValueTask<LedgerBalance> ReadBalanceAsync(LedgerAccount account, CancellationToken cancellationToken = default);

    /// <summary>Reads what was used and spent, by day, route and tenant.</summary>
    /// <param name="from">The first day, in UTC.</param>
    /// <param name="to">The last day, in UTC.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The rows, by day, route and tenant.</returns>
    ValueTask<IReadOnlyList<DailySpend>> ReadDailyAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default);
}
