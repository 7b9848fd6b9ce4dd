namespace RouteLLM.DependencyInjection;

/// <summary>Reads <c>Spending</c>: <c>WhenStoreDown</c>, <c>ReserveMaximum</c> and <c>Budgets</c>, whose items have the names of <see cref="Budget"/>'s properties. The ledger is that of the container.</summary>
internal sealed class SpendingConfiguration : IFeatureConfiguration
{
    public string Section => nameof(RoutedChatClientOptions.Spending);

    public void Bind(ConfigurationReader section, RoutedChatClientOptions options)
    {
        SpendingOptions spending = options.Spending ??= new();
        section.Name<StoreFailureMode>(nameof(spending.WhenStoreDown), value => spending.WhenStoreDown = value);
        section.Flag(nameof(spending.ReserveMaximum), value => spending.ReserveMaximum = value);
        section.Items(nameof(spending.Budgets), item => spending.Budgets.Add(ReadBudget(item)));
    }

    private static Budget ReadBudget(ConfigurationReader item)
    {
        var budget = new Budget { Name = item.Text(nameof(Budget.Name)) ?? throw item.Missing(nameof(Budget.Name), "a name, under which the ledger keeps what was spent,") };
        decimal? limit = null;
        item.Money(nameof(budget.Limit), value => limit = value);
        budget.Limit = limit ?? throw item.Missing(nameof(budget.Limit), "the USD that may be spent");
        item.Name<BudgetPeriod>(nameof(budget.Period), value => budget.Period = value);
        item.Time(nameof(budget.Window), value => budget.Window = value);
        item.Text(nameof(budget.Route), value => budget.Route = value);
        item.Text(nameof(budget.Tenant), value => budget.Tenant = value);
        item.Text(nameof(budget.User), value => budget.User = value);
        item.Share(nameof(budget.WarnShare), value => budget.WarnShare = value);
        item.Share(nameof(budget.RaiseFrom), value => budget.RaiseFrom = value);
        item.Name<BudgetExhaustion>(nameof(budget.WhenExhausted), value => budget.WhenExhausted = value);
        return budget;
    }
}
