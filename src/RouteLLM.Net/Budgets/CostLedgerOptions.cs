namespace RouteLLM;

/// <summary>Options of a <see cref="CostLedger"/>.</summary>
public sealed class CostLedgerOptions
{
    /// <summary>Gets or sets how long the store may take to answer before it counts as down. The default is 1 second.</summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how long a store that is down is left alone before it is tried again. The default is 1 second.</summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets after how long the reservation of a call that nobody settled is released, as after a crash. The default is 10 minutes. A call that takes longer is booked all the same when it ends.</summary>
    public TimeSpan ReservationLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets how old a balance may be that raises thresholds; an older one is read anew. The default is 1 second. Limits are checked at the store, whatever this is.</summary>
    public TimeSpan BalanceAge { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the output tokens to expect of a route before anything was learned of it. The default is 500.</summary>
    public int ExpectedOutputTokens { get; set; } = 500;

    internal void Validate()
    {
        CheckPositive(StoreTimeout, nameof(StoreTimeout));
        CheckPositive(RetryInterval, nameof(RetryInterval));
        CheckPositive(ReservationLifetime, nameof(ReservationLifetime));
        if (BalanceAge < TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(BalanceAge)} is {BalanceAge}, but it is zero or a positive time.", nameof(BalanceAge));
        }

        if (ExpectedOutputTokens < 0)
        {
            throw new ArgumentException($"{nameof(ExpectedOutputTokens)} is {ExpectedOutputTokens}, but it is a number of tokens, at least 0.", nameof(ExpectedOutputTokens));
        }
    }

    private static void CheckPositive(TimeSpan time, string name)
    {
        if (time <= TimeSpan.Zero || time > TimeSpan.FromDays(1))
        {
            throw new ArgumentException($"{name} is {time}, but it is a positive time of at most a day.", name);
        }
    }
}
