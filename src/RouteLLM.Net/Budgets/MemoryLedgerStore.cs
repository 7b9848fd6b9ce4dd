using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Keeps what was spent in the memory of this process. A restart begins all budgets anew, which a client that uses one warns of when it starts.</summary>
/// <remarks>Amounts are exact. What was spent by day is kept for the latest 400 days on which something was.</remarks>
public sealed class MemoryLedgerStore : ILedgerStore
{
    private readonly LedgerBook _book = new(keepDays: 400);

    /// <inheritdoc/>
    public bool SurvivesRestart => false;

    /// <inheritdoc/>
    public ValueTask<LedgerReserveResult> ReserveAsync(LedgerReservation reservation, CancellationToken cancellationToken = default) => new(_book.Reserve(reservation));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerBalance>> SettleAsync(LedgerCharge charge, CancellationToken cancellationToken = default) => new(_book.Settle(charge));

    /// <inheritdoc/>
    public ValueTask<LedgerBalance> ReadBalanceAsync(LedgerAccount account, CancellationToken cancellationToken = default) => new(_book.ReadBalance(account));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DailySpend>> ReadDailyAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default) => new(_book.ReadDaily(from, to));
}
