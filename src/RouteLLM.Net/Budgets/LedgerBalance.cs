namespace RouteLLM;

/// <summary>What an account holds in the buckets that count.</summary>
/// <param name="Spent">What was spent, in USD.</param>
/// <param name="Reserved">What is reserved for calls in flight, in USD.</param>
public readonly record struct LedgerBalance(decimal Spent, decimal Reserved)
{
    /// <summary>Gets what is spent or reserved, in USD.</summary>
    public decimal Used => Spent + Reserved;
}
