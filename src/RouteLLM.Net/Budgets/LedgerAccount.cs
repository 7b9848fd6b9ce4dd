namespace RouteLLM;

/// <summary>Where a ledger keeps what was spent of one budget: amounts by bucket, which are spans of time numbered in order.</summary>
/// <param name="Key">The account's key; it says the budget, its period, and whose amount it is.</param>
/// <param name="Bucket">The bucket that amounts are booked to now.</param>
/// <param name="OldestBucket">The oldest bucket that counts; those before it may be forgotten. Equal to <paramref name="Bucket"/> for a calendar period.</param>
/// <param name="Expires">When nothing will ask for the account any more, unless something is booked to it again.</param>
/// <param name="Limit">How much may be spent and reserved in the buckets that count, in USD; or <see langword="null"/> to book without a limit.</param>
public readonly record struct LedgerAccount(string Key, long Bucket, long OldestBucket, DateTimeOffset Expires, decimal? Limit = null);
