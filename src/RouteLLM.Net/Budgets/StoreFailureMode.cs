namespace RouteLLM;

/// <summary>What happens to requests while the store of a ledger does not answer.</summary>
public enum StoreFailureMode
{
    /// <summary>Requests go on without a reservation, so no budget holds them back; what they cost is kept in memory and booked once the store is back.</summary>
    Open,

    /// <summary>Requests are refused with a <see cref="LedgerUnavailableException"/>.</summary>
    Closed,
}
