using Microsoft.Extensions.Logging;

namespace RouteLLM.Internals;

/// <summary>The spending options of a client, frozen together with its routes.</summary>
internal sealed class SpendingPlan
{
    private readonly ModelRoute[] _unpriced;

    public SpendingPlan(SpendingOptions options, IReadOnlyList<ModelRoute> routes, TimeProvider timeProvider)
    {
        if (string.Join(" ", options.FindErrors().Concat(FindUnknownRoutes(options, routes))) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, nameof(options));
        }

        Ledger = options.Ledger!;
        Scopes = [.. options.Budgets.Select(budget => new BudgetScope(budget, options.BudgetWarning))];
        Routes = routes;
        Weakest = routes[^1];
        IsOpen = options.WhenStoreDown == StoreFailureMode.Open;
        ReserveMaximum = options.ReserveMaximum;
        TimeProvider = timeProvider;
        _unpriced = [.. routes.Where(static route => route.Profile.Price is null)];
    }

    public CostLedger Ledger { get; }

    public BudgetScope[] Scopes { get; }

    public IReadOnlyList<ModelRoute> Routes { get; }

    /// <summary>Gets the route that is left when money has run out.</summary>
    public ModelRoute Weakest { get; }

    public bool IsOpen { get; }

    public bool ReserveMaximum { get; }

    public TimeProvider TimeProvider { get; }

    /// <summary>Says what in this set-up may surprise.</summary>
    public void Hint(ILogger logger)
    {
        Ledger.UseLogger(logger);
        if (!Ledger.Store.SurvivesRestart)
        {
            logger.LedgerInMemory();
        }

        if (_unpriced.Length > 0)
        {
            logger.RoutesWithoutPrice(string.Join(", ", _unpriced.Select(static route => route.Name)));
        }
    }

    private static IEnumerable<string> FindUnknownRoutes(SpendingOptions options, IReadOnlyList<ModelRoute> routes) =>
        options.Budgets
            .Where(budget => budget.Route is not (null or Budget.Each) && !routes.Any(route => route.Name == budget.Route))
            .Select(budget => $"The budget '{budget.Name}' is for the route '{budget.Route}', which there is not; the routes are {string.Join(", ", routes.Select(static route => route.Name))}.");
}
