namespace RouteLLM;

/// <summary>An amount to set aside in some accounts before a call, in all of them or in none.</summary>
public sealed record LedgerReservation
{
    /// <summary>Gets the reservation's id, under which it is settled.</summary>
    public required Guid Id { get; init; }

    /// <summary>Gets the time of the call.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets when the amount is released if nothing settled the reservation until then, as after a crash.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Gets the amount, in USD; at least 0. One of 0 is never refused.</summary>
    public required decimal Amount { get; init; }

    /// <summary>Gets the accounts. None for a call that no budget is for: then the store only remembers the id.</summary>
    public required IReadOnlyList<LedgerAccount> Accounts { get; init; }
}
