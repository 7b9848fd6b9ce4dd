using Microsoft.Extensions.AI;
using RouteLLM.Tests.Diagnostics;

namespace RouteLLM.Tests.Budgets;

/// <summary>What budgets hold back.</summary>
public sealed class BudgetTests
{
    [Fact]
    public async Task Once_the_money_is_spent_only_the_weak_model_is_called()
    {
        SpendingFixture fixture = new SpendingFixture(winProbability: 1).With(new() { Name = "all", Limit = 0.05m });
        using RoutedChatClient client = fixture.CreateClient();
        List<string> routes = [];
        ChatResponse response = null!;
        for (int i = 0; i < 8; i++)
        {
            response = await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
            routes.Add(response.GetRouteOutcome()!.Route);
        }

        // The fifth is expected to cost less than the cent that is left, for its prior counts too; it then is spent.
        Assert.Equal(["strong", "strong", "strong", "strong", "strong", "weak", "weak", "weak"], routes);
        RouteOutcome outcome = response.GetRouteOutcome()!;
        Assert.Equal("strong", Assert.Single(outcome.Skips, static skip => skip.Cause == "budget").Route);
        Assert.Contains(outcome.Steps, static step => step.Stage == "budget" && step.Detail.Contains("used up", StringComparison.Ordinal));
        BudgetStatus status = Assert.Single(fixture.Ledger.BudgetStatuses);
        Assert.Equal((0.053m, 0m), (status.Spent, status.Reserved));
    }

    [Fact]
    public async Task A_budget_that_refuses_says_what_is_spent_and_when_it_begins_anew()
    {
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = "daily", Limit = 0.01m, Period = BudgetPeriod.Day, WhenExhausted = BudgetExhaustion.Refuse });
        using RoutedChatClient client = fixture.CreateClient();
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        BudgetExceededException error = await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(("daily", 0.01m), (error.Status.Budget, error.Status.Spent));
        Assert.Equal(TimeSpan.FromHours(12), error.RetryAfter);
        Assert.Single(fixture.Strong.Calls);
        fixture.Time.Advance(TimeSpan.FromHours(12));
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(2, fixture.Strong.Calls.Count);
    }

    [Fact]
    public async Task A_budget_for_each_tenant_leaves_the_others_alone()
    {
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = "team", Limit = 0.01m, Tenant = Budget.Each, WhenExhausted = BudgetExhaustion.Refuse });
        using RoutedChatClient client = fixture.CreateClient();
        foreach (string tenant in (string[])["acme", "a|tenant=b", "a"])
        {
            await client.GetResponseAsync("hi", SpendingFixture.Of(tenant), TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("hi", SpendingFixture.Of(tenant), TestContext.Current.CancellationToken));
        }

        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal([null, "a", "acme", "a|tenant=b"], fixture.Ledger.BudgetStatuses.Select(static status => status.Tenant).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_budget_for_one_user_or_tenant_is_for_no_other()
    {
        SpendingFixture fixture = new SpendingFixture()
            .With(new() { Name = "intern", User = "kim", Limit = 0.000001m, WhenExhausted = BudgetExhaustion.Refuse })
            .With(new() { Name = "acme", Tenant = "acme", Limit = 0.000001m, WhenExhausted = BudgetExhaustion.Refuse });
        using RoutedChatClient client = fixture.CreateClient();
        await client.GetResponseAsync("hi", new ChatOptions().SetRoutingUser("lee"), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("hi", new ChatOptions().SetRoutingUser("kim"), TestContext.Current.CancellationToken));
        await client.GetResponseAsync("hi", SpendingFixture.Of("other"), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("hi", SpendingFixture.Of("acme"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_route_whose_own_budget_is_used_up_is_passed_over()
    {
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = "strong", Route = "strong", Limit = 0.01m });
        using RoutedChatClient client = fixture.CreateClient();
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        ChatResponse second = await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("weak", second.GetRouteOutcome()!.Route);

        // One who insists on it is told so.
        NoRouteAvailableException error = await Assert.ThrowsAsync<NoRouteAvailableException>(
            () => client.GetResponseAsync("hi", new() { ModelId = "strong" }, TestContext.Current.CancellationToken));
        Assert.Equal("budget", Assert.Single(error.Skips).Cause);
    }

    [Fact]
    public async Task The_threshold_rises_smoothly_as_money_runs_out()
    {
        SpendingFixture fixture = new SpendingFixture(winProbability: 0.95).With(new() { Name = "all", Limit = 1, RaiseFrom = 0.5 });
        using RoutedChatClient client = fixture.CreateClient();
        List<double> thresholds = [];
        List<string> routes = [];
        for (int i = 0; i < 100; i++)
        {
            RouteOutcome outcome = (await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken)).GetRouteOutcome()!;
            thresholds.Add(outcome.Threshold!.Value);
            routes.Add(outcome.Route);
        }

        Assert.All(thresholds[..51], static threshold => Assert.Equal(0.5, threshold));
        Assert.Equal(0.6, thresholds[55], 6);
        Assert.Equal(0.9, thresholds[70], 6);
        Assert.Equal(thresholds.Order(), thresholds);

        // At 0.95 the router's win probability is reached, and from then on the weak model answers for less.
        Assert.Equal(73, routes.TakeWhile(static route => route == "strong").Count());
        Assert.All(routes[73..], static route => Assert.Equal("weak", route));
    }

    [Fact]
    public async Task A_warning_comes_once_a_period_at_the_share_asked_for()
    {
        var logs = new LogRecorder();
        SpendingFixture fixture = new SpendingFixture(winProbability: 1).With(new() { Name = "daily", Limit = 0.1m, Period = BudgetPeriod.Day, RaiseFrom = 1 });
        using RoutedChatClient client = fixture.CreateClient(logs);
        for (int i = 0; i < 9; i++)
        {
            await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(i < 7 ? 0 : 1, fixture.Warnings.Count);
        }

        Assert.Equal(0.8, logs.Single("BudgetWarning").Values["Share"]);
        Assert.Equal(0.08m, fixture.Warnings[0].Spent);
        fixture.Time.Advance(TimeSpan.FromDays(1));
        for (int i = 0; i < 9; i++)
        {
            await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal(2, fixture.Warnings.Count);
    }

    [Fact]
    public async Task A_warning_that_fails_is_logged_and_harms_no_request()
    {
        var logs = new LogRecorder();
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = "all", Limit = 0.01m });
        fixture.Spending.BudgetWarning = static _ => throw new InvalidOperationException("no pager");
        using RoutedChatClient client = fixture.CreateClient(logs);
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        logs.Single("WarningFailed");
        Assert.Equal(0m, Assert.Single(fixture.Ledger.BudgetStatuses).Reserved);
    }

    [Fact]
    public async Task A_sliding_window_lets_go_of_what_is_older_and_of_nothing_younger()
    {
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = "hour", Limit = 0.01m, Period = BudgetPeriod.Sliding, Window = TimeSpan.FromHours(1), WhenExhausted = BudgetExhaustion.Refuse });
        using RoutedChatClient client = fixture.CreateClient();
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Concurrent_calls_cannot_spend_what_others_have_reserved()
    {
        SpendingFixture fixture = new SpendingFixture(winProbability: 1).With(new() { Name = "all", Limit = 0.105m, WhenExhausted = BudgetExhaustion.Refuse, RaiseFrom = 1 });
        fixture.Ledger.OutputTokens.Learn("strong", 900, answers: 200);
        var release = new TaskCompletionSource();
        Func<IEnumerable<ChatMessage>, ChatOptions?, CancellationToken, Task<ChatResponse>> answer = fixture.Strong.OnResponse;
        fixture.Strong.OnResponse = async (messages, options, token) =>
        {
            await release.Task;
            return await answer(messages, options, token);
        };
        using RoutedChatClient client = fixture.CreateClient();
        Task<ChatResponse>[] calls = [.. Enumerable.Range(0, 64).Select(_ => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken))];
        Assert.Equal(11, fixture.Strong.Calls.Count);
        release.SetResult();
        await Task.WhenAll(calls).ContinueWith(static _ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
        Assert.Equal(11, calls.Count(static call => call.IsCompletedSuccessfully));
        Assert.All(calls.Where(static call => call.IsFaulted), static call => Assert.IsType<BudgetExceededException>(call.Exception!.InnerException));

        // 11 were expected to cost 0.906 cents each (900 output tokens and six of input), and cost one each.
        BudgetStatus status = Assert.Single(fixture.Ledger.BudgetStatuses);
        Assert.Equal((0.11m, 0m), (status.Spent, status.Reserved));
    }

    [Fact]
    public async Task Reserving_the_maximum_keeps_a_limit_strictly()
    {
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = "all", Limit = 0.025m, WhenExhausted = BudgetExhaustion.Refuse });
        fixture.Spending.ReserveMaximum = true;
        using RoutedChatClient client = fixture.CreateClient();
        var options = new ChatOptions { MaxOutputTokens = 900 };
        await client.GetResponseAsync(new string('x', 96), options, TestContext.Current.CancellationToken);
        await client.GetResponseAsync(new string('x', 96), options, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync(new string('x', 96), options, TestContext.Current.CancellationToken));
        Assert.Equal(0.02m, Assert.Single(fixture.Ledger.BudgetStatuses).Spent);
    }

    [Fact]
    public async Task What_was_spent_outlives_a_change_of_the_options()
    {
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = "all", Limit = 0.01m, WhenExhausted = BudgetExhaustion.Refuse });
        using (RoutedChatClient client = fixture.CreateClient())
        {
            await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        }

        fixture.Spending.Budgets[0].Limit = 0.02m;
        using RoutedChatClient raised = fixture.CreateClient();
        await raised.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BudgetExceededException>(() => raised.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_ledger_in_memory_warns_on_start_that_a_restart_resets_it()
    {
        var logs = new LogRecorder();
        using RoutedChatClient client = new SpendingFixture().CreateClient(logs);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Warning, logs.Single("LedgerInMemory").Level);
    }

    [Theory]
    [InlineData("", 1, null, "has no Name")]
    [InlineData("b", 0, null, "more than 0")]
    [InlineData("b", 1, "gpt", "the routes are strong, weak")]
    public void A_budget_that_cannot_be_meant_is_refused(string name, int limit, string? route, string message)
    {
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = name, Limit = limit, Route = route });
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => fixture.CreateClient()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spending_without_a_ledger_and_budgets_of_one_name_are_refused()
    {
        SpendingFixture fixture = new SpendingFixture().With(new() { Name = "a", Limit = 1 }).With(new() { Name = "a", Limit = 2 });
        Assert.Contains("2 budgets are named 'a'", Assert.Throws<ArgumentException>(() => fixture.CreateClient()).Message, StringComparison.Ordinal);
        fixture.Spending.Budgets.Clear();
        fixture.Spending.Ledger = null;
        Assert.Contains("has no Ledger", Assert.Throws<ArgumentException>(() => fixture.CreateClient()).Message, StringComparison.Ordinal);
    }
}
