namespace RouteLLM.Internals;

/// <summary>Raises the threshold as money runs out, and takes away the routes whose budgets are used up.</summary>
/// <remarks>It goes by balances as this process knows them; limits are kept by <see cref="BudgetGate"/>, at the store.</remarks>
internal sealed class BudgetPolicy(IRoutingPolicy inner, SpendingPlan plan) : IRoutingPolicy
{
    public const string Stage = "budget";

    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ValueTask<Pressure?> pressure = MeasureAsync(request, cancellationToken);
        if (!pressure.IsCompletedSuccessfully)
        {
            return DecideAsync(request, pressure.AsTask(), cancellationToken);
        }

        return pressure.Result is { } known ? DecideAsync(request, known, cancellationToken) : inner.DecideAsync(request, cancellationToken);
    }

    private async ValueTask<RouteDecision> DecideAsync(RouteRequest request, Task<Pressure?> pressure, CancellationToken cancellationToken) =>
        await pressure.ConfigureAwait(false) is { } known
            ? await DecideAsync(request, known, cancellationToken).ConfigureAwait(false)
            : await inner.DecideAsync(request, cancellationToken).ConfigureAwait(false);

    private async ValueTask<RouteDecision> DecideAsync(RouteRequest request, Pressure pressure, CancellationToken cancellationToken)
    {
        RouteDecision decision = await inner.DecideAsync(pressure.Shift > 0 ? request.Adjust(thresholdShift: pressure.Shift) : request, cancellationToken).ConfigureAwait(false);
        if (pressure.Shift > 0)
        {
            decision = decision.With(step: new(Stage, FormattableString.Invariant($"{pressure.Raised!.UsedShare:P0} of the budget '{pressure.Raised.Budget}' are used: {pressure.Shift:0.###} is added to the threshold")));
        }

        RouteSkip[] skips = [.. decision.Routes.Select(route => pressure.Removed.GetValueOrDefault(route.Name)).OfType<RouteSkip>()];
        ModelRoute[] left = skips.Length == 0 ? [] : [.. decision.Routes.Where(route => !pressure.Removed.ContainsKey(route.Name))];

        // Where none is left the gate refuses them, and says so.
        return left.Length == 0 ? decision : decision.With(left, step: new(Stage, skips[0].Detail), skips: skips);
    }

    private ValueTask<Pressure?> MeasureAsync(RouteRequest request, CancellationToken cancellationToken)
    {
        Pressure? pressure = null;
        DateTimeOffset now = plan.TimeProvider.GetUtcNow();
        for (int i = 0; i < plan.Scopes.Length; i++)
        {
            if (!plan.Scopes[i].IsFor(request))
            {
                continue;
            }

            // A budget for each route has several accounts, and one for all has the same whatever the route.
            for (int j = 0; j < plan.Routes.Count; j++)
            {
                BudgetScope scope = plan.Scopes[i];
                ModelRoute route = plan.Routes[j];
                if (!scope.IsFor(route.Name))
                {
                    continue;
                }

                LedgerAccount account = scope.AccountOf(request, route.Name, now);
                ValueTask<LedgerBalance> balance = plan.Ledger.GetBalanceAsync(scope, account, cancellationToken);
                if (!balance.IsCompletedSuccessfully)
                {
                    return MeasureAsync(request, now, balance, cancellationToken);
                }

                Note(scope, account, route, balance.Result, ref pressure);
                if (scope.Route is null)
                {
                    break;
                }
            }
        }

        return new(pressure);
    }

    /// <summary>The same for a store that takes its time: begins anew once the balance that was not known is read, for then it is.</summary>
    private async ValueTask<Pressure?> MeasureAsync(RouteRequest request, DateTimeOffset now, ValueTask<LedgerBalance> pending, CancellationToken cancellationToken)
    {
        await pending.ConfigureAwait(false);
        Pressure? pressure = null;
        foreach (BudgetScope scope in plan.Scopes.Where(scope => scope.IsFor(request)))
        {
            foreach (ModelRoute route in plan.Routes.Where(route => scope.IsFor(route.Name)).Take(scope.Route is null ? 1 : int.MaxValue))
            {
                LedgerAccount account = scope.AccountOf(request, route.Name, now);
                Note(scope, account, route, await plan.Ledger.GetBalanceAsync(scope, account, cancellationToken).ConfigureAwait(false), ref pressure);
            }
        }

        return pressure;
    }

    private void Note(BudgetScope scope, LedgerAccount account, ModelRoute route, LedgerBalance balance, ref Pressure? pressure)
    {
        // Money for the weakest route that runs out is no reason to call it more often.
        double shift = scope.Route is not null && ReferenceEquals(route, plan.Weakest) ? 0 : scope.ShiftAt(balance);
        if (shift > (pressure?.Shift ?? 0))
        {
            pressure ??= new();
            pressure.Shift = shift;
            pressure.Raised = scope.StatusOf(account, balance);
        }

        if (balance.Used < scope.Limit || scope.Refuses)
        {
            return;
        }

        pressure ??= new();
        string detail = FormattableString.Invariant($"the budget '{scope.Name}' is used up: {balance.Used} USD of {scope.Limit}");
        foreach (ModelRoute removed in scope.Route is null ? plan.Routes : [route])
        {
            if (removed.Profile.Price is not null && (scope.Route is not null || !ReferenceEquals(removed, plan.Weakest)))
            {
                pressure.Removed.TryAdd(removed.Name, new(removed.Name, Stage, detail));
            }
        }
    }

    private sealed class Pressure
    {
        public double Shift { get; set; }

        public BudgetStatus? Raised { get; set; }

        public Dictionary<string, RouteSkip> Removed { get; } = new(StringComparer.Ordinal);
    }
}
