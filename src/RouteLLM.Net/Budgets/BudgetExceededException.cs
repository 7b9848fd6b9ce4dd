namespace RouteLLM;

/// <summary>A request was refused since a budget is used up, or what is left of it is less than the request is expected to cost.</summary>
public sealed class BudgetExceededException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="BudgetExceededException"/> class.</summary>
    /// <param name="status">The budget and how much of it is used.</param>
    /// <param name="expectedCost">What the request was expected to cost, in USD.</param>
    public BudgetExceededException(BudgetStatus status, decimal expectedCost)
        : base(Describe(status, expectedCost))
    {
        Status = status;
        ExpectedCost = expectedCost;
    }

    /// <summary>Gets the budget and how much of it is used.</summary>
    public BudgetStatus Status { get; }

    /// <summary>Gets what the request was expected to cost, in USD.</summary>
    public decimal ExpectedCost { get; }

    /// <summary>Gets after how long the budget begins anew, or <see langword="null"/> for a sliding window, from which amounts fall out bit by bit.</summary>
    public TimeSpan? RetryAfter { get; init; }

    private static string Describe(BudgetStatus status, decimal expectedCost)
    {
        ArgumentNullException.ThrowIfNull(status);
        return FormattableString.Invariant(
            $"The budget '{status.Budget}' ({status.Account}) refuses this request: {status.Spent} USD of {status.Limit} are spent, {status.Reserved} reserved for calls in flight, and it is expected to cost {expectedCost}. Raise the limit, or set WhenExhausted to WeakOnly to go on with the weakest model.");
    }
}
