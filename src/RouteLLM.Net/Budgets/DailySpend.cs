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
}
