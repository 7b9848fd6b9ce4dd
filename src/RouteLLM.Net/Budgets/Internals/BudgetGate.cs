using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Reserves what an attempt is expected to cost before it, and books what it cost after it.</summary>
internal sealed class BudgetGate(SpendingPlan plan) : IRouteGate
{
    public async ValueTask<RouteAdmission> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken = default)
    {
        DateTimeOffset now = plan.TimeProvider.GetUtcNow();
        (BudgetScope[] scopes, LedgerAccount[] accounts) = AccountsOf(attempt, now);
        decimal expected = plan.Ledger.OutputTokens.ExpectCost(attempt.Route, attempt.Request, plan.ReserveMaximum) ?? 0;
        Guid id = plan.Ledger.NewId();
        if (await plan.Ledger.TryReserveAsync(id, now, expected, accounts, cancellationToken).ConfigureAwait(false) is not { } result)
        {
            return plan.IsOpen
                ? new Admission(plan, attempt, id, now, scopes, accounts, isReserved: false)
                : throw new LedgerUnavailableException($"The ledger's store ({plan.Ledger.Store.GetType().Name}) does not answer, and without it requests are refused. Set WhenStoreDown to Open to let them pass while it is down.");
        }

        for (int i = 0; i < scopes.Length; i++)
        {
            plan.Ledger.Balances.Set(scopes[i], accounts[i], result.Balances[i]);
        }

        return result.RefusedBy is { } refused
            ? Refuse(scopes[refused], accounts[refused], result.Balances[refused], expected, attempt.Route, now)
            : new Admission(plan, attempt, id, now, scopes, accounts, isReserved: true);
    }

    private static RouteAdmission Refuse(BudgetScope scope, LedgerAccount account, LedgerBalance balance, decimal expected, ModelRoute route, DateTimeOffset now)
    {
        BudgetStatus status = scope.StatusOf(account, balance);
        return scope.Refuses
            ? throw new BudgetExceededException(status, expected) { RetryAfter = scope.EndOf(now) - now }
            : RouteAdmission.Refuse(new(route.Name, BudgetPolicy.Stage, FormattableString.Invariant(
                $"of the budget '{scope.Name}' {balance.Used} USD of {scope.Limit} are spent or reserved, and the call is expected to cost {expected}")));
    }

    private (BudgetScope[] Scopes, LedgerAccount[] Accounts) AccountsOf(RouteAttemptContext attempt, DateTimeOffset now)
    {
        int count = 0;
        foreach (BudgetScope scope in plan.Scopes)
        {
            count += scope.IsFor(attempt.Request) && scope.IsFor(attempt.Route.Name) ? 1 : 0;
        }

        if (count == 0)
        {
            return ([], []);
        }

        var scopes = new BudgetScope[count];
        var accounts = new LedgerAccount[count];
        int next = 0;
        foreach (BudgetScope scope in plan.Scopes)
        {
            if (scope.IsFor(attempt.Request) && scope.IsFor(attempt.Route.Name))
            {
                // The weakest route goes on when all money is spent, unless the budget is its own.
                bool goesOn = !scope.Refuses && scope.Route is null && ReferenceEquals(attempt.Route, plan.Weakest);
                scopes[next] = scope;
                accounts[next++] = scope.AccountOf(attempt.Request, attempt.Route.Name, now) with { Limit = goesOn ? null : scope.Limit };
            }
        }

        return (scopes, accounts);
    }

    private sealed class Admission(SpendingPlan plan, RouteAttemptContext attempt, Guid id, DateTimeOffset time, BudgetScope[] scopes, LedgerAccount[] accounts, bool isReserved) : RouteAdmission
    {
        public override async ValueTask CompleteAsync(RouteAttemptResult result)
        {
            UsageDetails? usage = result.Status == RouteAttemptStatus.AnsweredFromCache ? null : result.Usage;
            if (usage is null && !isReserved)
            {
                return;
            }

            if (result.Status == RouteAttemptStatus.Answered && usage?.OutputTokenCount is >= 0 and { } tokens)
            {
                plan.Ledger.OutputTokens.Learn(attempt.Route.Name, tokens);
            }

            IReadOnlyList<LedgerBalance>? balances = await plan.Ledger.SettleAsync(new()
            {
                Id = id,
                IsReserved = isReserved,
                Time = time,
                Route = attempt.Route.Name,
                Tenant = attempt.Request.Tenant,
                Cost = usage is null ? 0 : result.Cost ?? 0,
                Calls = usage is null ? 0 : 1,
                EstimatedCalls = usage is not null && result.IsUsageEstimated ? 1 : 0,
                InputTokens = usage?.InputTokenCount ?? 0,
                CachedInputTokens = usage?.CachedInputTokenCount ?? 0,
                OutputTokens = usage?.OutputTokenCount ?? 0,
                Accounts = accounts,
            }).ConfigureAwait(false);
            for (int i = 0; i < scopes.Length && balances is not null; i++)
            {
                plan.Ledger.Balances.Set(scopes[i], accounts[i], balances[i]);
            }
        }
    }
}
