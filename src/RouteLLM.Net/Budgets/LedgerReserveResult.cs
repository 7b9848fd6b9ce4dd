namespace RouteLLM;

/// <summary>What came of a reservation.</summary>
/// <param name="RefusedBy">The index of the first account whose limit would be exceeded, or <see langword="null"/> if the amount is reserved.</param>
/// <param name="Balances">The accounts' balances, in order, with the amount if it is reserved.</param>
public readonly record struct LedgerReserveResult(int? RefusedBy, IReadOnlyList<LedgerBalance> Balances);
