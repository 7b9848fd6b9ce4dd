namespace RouteLLM;

/// <summary>What a call really cost, to be booked in place of its reservation. One of no calls and no cost only releases it.</summary>
public sealed record LedgerCharge
{
    /// <summary>Gets the id of the reservation, or one of its own where none could be made.</summary>
    public required Guid Id { get; init; }

    /// <summary>Gets a value indicating whether there was a reservation.</summary>
    public required bool IsReserved { get; init; }

    /// <summary>Gets a value indicating whether booking it was tried before without an answer, so that it may be booked already; it is never booked twice.</summary>
    public bool IsRetry { get; init; }

    /// <summary>Gets the time of the call; its day in UTC is the day it counts for.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the name of the route.</summary>
    public required string Route { get; init; }

    /// <summary>Gets the tenant, or <see langword="null"/>.</summary>
    public string? Tenant { get; init; }

    /// <summary>Gets the cost, in USD.</summary>
    public decimal Cost { get; init; }

    /// <summary>Gets the number of calls that it is for: 1, or 0 if the model gave nothing.</summary>
    public long Calls { get; init; }

    /// <summary>Gets how many of the calls have estimated tokens, since the provider did not say what was used.</summary>
    public long EstimatedCalls { get; init; }

    /// <summary>Gets the input tokens, cached ones included.</summary>
    public long InputTokens { get; init; }

    /// <summary>Gets how many of the input tokens the provider had in its cache.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Gets the output tokens.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Gets the accounts to book the cost to, as in the reservation.</summary>
    public IReadOnlyList<LedgerAccount> Accounts { get; init; } = [];

    /// <summary>Adds up two charges of one day, route and tenant and the same accounts.</summary>
    internal LedgerCharge Plus(LedgerCharge other) => this with
    {
        Cost = Cost + other.Cost,
        Calls = Calls + other.Calls,
        EstimatedCalls = EstimatedCalls + other.EstimatedCalls,
        InputTokens = InputTokens + other.InputTokens,
        CachedInputTokens = CachedInputTokens + other.CachedInputTokens,
        OutputTokens = OutputTokens + other.OutputTokens,
    };
}
