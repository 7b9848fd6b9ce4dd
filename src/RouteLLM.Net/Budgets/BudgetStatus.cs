namespace RouteLLM;

/// <summary>How much of a budget is used, as far as this process knows: as of its latest request that the budget is for.</summary>
/// <param name="Budget">The budget's name.</param>
/// <param name="Account">Whose amount it is: the budget's name and period, and the route, tenant or user that has it of its own.</param>
/// <param name="Limit">How much may be spent, in USD.</param>
/// <param name="Spent">What was spent, in USD.</param>
/// <param name="Reserved">What is reserved for calls in flight, in USD.</param>
public sealed record BudgetStatus(string Budget, string Account, decimal Limit, decimal Spent, decimal Reserved)
{
    /// <summary>Gets the tenant whose amount it is, or <see langword="null"/> if it is that of several or of none.</summary>
    public string? Tenant { get; init; }

    /// <summary>Gets the share of the limit that is spent; above 1 if it is exceeded.</summary>
    public double SpentShare => (double)(Spent / Limit);

    /// <summary>Gets the share of the limit that is spent or reserved; above 1 if it is exceeded.</summary>
    public double UsedShare => (double)((Spent + Reserved) / Limit);
}
