namespace RouteLLM;

/// <summary>Options of a client that counts what its requests cost, and keeps them within budgets.</summary>
public sealed class SpendingOptions
{
    /// <summary>Gets or sets the ledger that everything is booked to; required, since it has to outlive a change of these options. In a host it is the registered <see cref="CostLedger"/> by default.</summary>
    public CostLedger? Ledger { get; set; }

    /// <summary>Gets the budgets. None by default: then costs are only counted.</summary>
    public IList<Budget> Budgets { get; } = [];

    /// <summary>Gets or sets what happens to requests while the ledger's store does not answer. The default is <see cref="StoreFailureMode.Open"/>.</summary>
    public StoreFailureMode WhenStoreDown { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether as many output tokens are reserved as a request allows (<see cref="Microsoft.Extensions.AI.ChatOptions.MaxOutputTokens"/>), instead of as many as its route's answers have on average. The default is
    /// <see langword="false"/>. With it a limit is kept strictly, as far as input tokens are counted exactly, and requests are refused earlier.
    /// </summary>
    public bool ReserveMaximum { get; set; }

    /// <summary>Gets or sets what is called when a budget's spent amount passes <see cref="Budget.WarnShare"/>, once a period, beside the warning in the log; or <see langword="null"/>, the default. It runs on a request's thread; what it throws is logged.</summary>
    public Action<BudgetStatus>? BudgetWarning { get; set; }

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        if (Ledger is null)
        {
            yield return $"Spending has no Ledger: set one, such as new CostLedger(new MemoryLedgerStore()), or register one with AddCostLedger.";
        }

        if (!Enum.IsDefined(WhenStoreDown))
        {
            yield return $"WhenStoreDown is {WhenStoreDown}, but it is either Open or Closed.";
        }

        foreach (string error in Budgets.SelectMany(static budget => budget.FindErrors()))
        {
            yield return error;
        }

        foreach (IGrouping<string, Budget> twice in Budgets.GroupBy(static budget => budget.Name, StringComparer.Ordinal).Where(static group => group.Count() > 1))
        {
            yield return $"{twice.Count()} budgets are named '{twice.Key}'; give each a name of its own, under which the ledger keeps what was spent.";
        }
    }
}
