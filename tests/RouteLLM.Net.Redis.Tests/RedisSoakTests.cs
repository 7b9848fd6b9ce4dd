using System.Diagnostics;
using System.Globalization;
using RouteLLM.Redis.Worker;
using StackExchange.Redis;

namespace RouteLLM.Redis.Tests;

/// <summary>Two processes, each with 32 callers and providers that do all that can go wrong, share budgets and conversations on a server that is killed and started again in the middle.</summary>
public sealed class RedisSoakTests
{
    /// <summary>What a tenant may spend for each call that is made, in USD: too little, so that budgets run out.</summary>
    private const decimal LimitPerCall = 0.00002m;

    /// <summary>Gets how many calls both processes make together: half of what <c>ROUTELLM_SOAK_CALLS</c> says, or of 100,000, since there are two such tests.</summary>
    private static int Calls => (Environment.GetEnvironmentVariable("ROUTELLM_SOAK_CALLS") is { Length: > 0 } calls ? int.Parse(calls, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 100_000) / 2;

    [Theory]
    [InlineData(StoreFailureMode.Closed)]
    [InlineData(StoreFailureMode.Open)]
    public async Task Two_processes_on_a_server_that_is_killed_lose_double_and_mix_up_nothing_and_their_books_are_exact(StoreFailureMode whenDown)
    {
        await using RedisServer server = await RedisServer.StartAsync();
        int callsPerCaller = Math.Max(Calls / (2 * WorkerSettings.Callers), 20), ended = callsPerCaller * WorkerSettings.Callers;
        decimal limit = LimitPerCall * Calls;
        DateOnly began = DateOnly.FromDateTime(DateTime.UtcNow);
        long started = Stopwatch.GetTimestamp();
        using Worker first = Worker.Start(server, "first", seed: 1, callsPerCaller, whenDown, limit), second = Worker.Start(server, "second", seed: 2, callsPerCaller, whenDown, limit);

        for (int kill = 1; kill <= 2; kill++)
        {
            await first.WaitForAsync(ended * kill / 4);
            server.Kill();

            // Both notice, and go on without it.
            await Task.WhenAll(first.WaitForAsync((ended * kill / 4) + (ended / 50)), second.WaitForAsync(ended / 50));
            await server.RestartAsync();
        }

        WorkerResult[] results = await Task.WhenAll(first.FinishAsync(), second.FinishAsync());

        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        IReadOnlyList<DailySpend> days = await new RedisLedgerStore(redis).ReadDailyAsync(began, DateOnly.FromDateTime(DateTime.UtcNow), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"{2 * ended} calls in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s; " + string.Join("; ", results.Select(static result => string.Join(", ", result.Ends.Select(static end => $"{end.Key} {end.Value}")))));
        Assert.All(results, result =>
        {
            Assert.True(result.Violations.Count == 0, string.Join(Environment.NewLine, result.Violations));
            Assert.Equal((ended, 0, 0, 0m), (result.Ends.Values.Sum(), result.OpenQuestions, result.AdmissionsUnderWay, result.PendingCost));
            Assert.InRange(result.KeptConversations, ended / 10, ended);
        });
        Assert.Equal(Sum(results.SelectMany(static result => result.Spending)), Sum(days.Select(static row => new WorkerSpending(row.Tenant, row.Route, row.Calls, row.InputTokens, row.OutputTokens, row.Cost))));

        // Nothing is reserved any more, by none that broke off either.
        Assert.Equal(0, await redis.GetDatabase().HashLengthAsync("{routellm}:ledger:reservations"));
        if (whenDown == StoreFailureMode.Closed)
        {
            Assert.All(days.GroupBy(static row => row.Tenant), tenant => Assert.InRange(tenant.Sum(static row => row.Cost), 0, limit));
            Assert.All(results, static result => Assert.True(result.Ends.ContainsKey(nameof(BudgetExceededException)) && result.Ends.ContainsKey(nameof(LedgerUnavailableException))));
        }
    }

    private static IEnumerable<WorkerSpending> Sum(IEnumerable<WorkerSpending> spending) => spending
        .GroupBy(static spent => (spent.Tenant, spent.Route))
        .Select(static group => new WorkerSpending(
            group.Key.Tenant, group.Key.Route, group.Sum(static spent => spent.Calls), group.Sum(static spent => spent.InputTokens), group.Sum(static spent => spent.OutputTokens), group.Sum(static spent => spent.Cost)))
        .OrderBy(static spent => (spent.Tenant, spent.Route));
}
