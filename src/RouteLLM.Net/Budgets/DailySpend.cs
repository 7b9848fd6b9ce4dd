namespace RouteLLM;

/// <summary>What one route used and cost on one day for one tenant.</summary>
/// <param name="Day">The day, in UTC.</param>
/// <param name="Route">The name of the route.</param>
/// <param name="Tenant">The tenant, or <see langword="null"/> for requests without one.</param>
public sealed record DailySpend(DateOnly Day, string Route, string? Tenant)
{
    /// <summary>Gets the number of calls.</summary>
    public long Calls { get; init; }

    /// <summary>Gets how many of the calls have estimated tokens.</summary>
    public long EstimatedCalls { get; init; }

    /// <summary>Gets the input tokens, cached ones included.</summary>
    public long InputTokens { get; init; }

    /// <summary>Gets how many of the input tokens the provider had in its cache.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Gets the output tokens.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Gets the cost, in USD.</summary>
    public decimal Cost { get; init; }

    /// <summary>Adds a charge to it.</summary>
    internal DailySpend Plus(LedgerCharge charge) => this with
    {
        Calls = Calls + charge.Calls,
        EstimatedCalls = EstimatedCalls + charge.EstimatedCalls,
        InputTokens = InputTokens + charge.InputTokens,
        CachedInputTokens = CachedInputTokens + charge.CachedInputTokens,
        OutputTokens = OutputTokens + charge.OutputTokens,
        Cost = Cost + charge.Cost,
    };

    /// <summary>Adds what else was spent on the same day by the same route and tenant.</summary>
    internal DailySpend Plus(DailySpend other) => this with
    {
        Calls = Calls + other.Calls,
        EstimatedCalls = EstimatedCalls + other.EstimatedCalls,
        InputTokens = InputTokens + other.InputTokens,
        CachedInputTokens = CachedInputTokens + other.CachedInputTokens,
        OutputTokens = OutputTokens + other.OutputTokens,
        Cost = Cost + other.Cost,
    };
}
