using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace RouteLLM.Redis.Tests;

public sealed class RedisLedgerStoreTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);
    private static readonly LedgerAccount s_account = new("all/month", 24_314, 24_314, s_now.AddDays(30), 1);

    [Fact]
    public async Task Instances_share_budgets_and_together_reserve_no_more_than_the_limit()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ConnectionMultiplexer first = await ConnectionMultiplexer.ConnectAsync(server.Configuration), second = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        RedisLedgerStore[] stores = [new(first), new(second)];
        LedgerReserveResult[] results = await Task.WhenAll(Enumerable.Range(0, 64).Select(call => stores[call % 2].ReserveAsync(Reservation(0.03m)).AsTask()));
        Assert.Equal(33, results.Count(static result => result.RefusedBy is null));
        Assert.Equal(new LedgerBalance(0, 0.99m), await stores[0].ReadBalanceAsync(s_account, TestContext.Current.CancellationToken));
        Assert.Equal(default, await new RedisLedgerStore(first, new() { KeyPrefix = "other" }).ReadBalanceAsync(s_account, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_charge_that_is_tried_again_is_booked_once_whether_it_was_booked_before_or_not()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var store = new RedisLedgerStore(redis);
        LedgerReservation booked = Reservation(0.1m), lost = Reservation(0.1m), expired = Reservation(0.1m) with { Expires = s_now.AddSeconds(1) };
        foreach (LedgerReservation reservation in (LedgerReservation[])[booked, lost, expired])
        {
            await store.ReserveAsync(reservation, TestContext.Current.CancellationToken);
        }

        await store.SettleAsync(Charge(booked, 0.05m), TestContext.Current.CancellationToken);
        await store.ReserveAsync(Reservation(0) with { Time = s_now.AddSeconds(2) }, TestContext.Current.CancellationToken);
        for (int i = 0; i < 3; i++)
        {
            await store.SettleAsync(Charge(booked, 0.05m) with { IsRetry = true }, TestContext.Current.CancellationToken);
            await store.SettleAsync(Charge(lost, 0.07m) with { IsRetry = true }, TestContext.Current.CancellationToken);
            await store.SettleAsync(Charge(expired, 0.11m) with { IsRetry = true }, TestContext.Current.CancellationToken);
        }

        LedgerCharge unreserved = Charge(Reservation(0), 0.13m) with { IsReserved = false };
        await store.SettleAsync(unreserved, TestContext.Current.CancellationToken);
        IReadOnlyList<LedgerBalance> balances = await store.SettleAsync(unreserved with { IsRetry = true }, TestContext.Current.CancellationToken);
        Assert.Equal([new LedgerBalance(0.36m, 0)], balances);
        DailySpend day = Assert.Single(await store.ReadDailyAsync(new(2026, 3, 14), new(2026, 3, 14), TestContext.Current.CancellationToken));
        Assert.Equal((4, 0.36m), (day.Calls, day.Cost));
    }

    [Fact]
    public async Task The_ledger_adds_up_though_the_server_is_killed_and_started_again_in_the_middle()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var store = new RedisLedgerStore(redis);
        await using var ledger = new CostLedger(store, new() { RetryInterval = TimeSpan.FromMilliseconds(20) });
        BudgetedClient client = new(ledger);
        using var stop = new CancellationTokenSource();
        Task<decimal>[] callers = [.. Enumerable.Range(0, 8).Select(caller => Task.Run(() => client.CallUntilAsync(caller, stop.Token)))];
        for (int kill = 0; kill < 2; kill++)
        {
            await client.WaitForCallsAsync(300);
            server.Kill();
            await client.WaitForCallsAsync(300);
            Assert.True(ledger.IsStoreDown);
            await server.RestartAsync();
            await client.WaitUntilAsync(() => !ledger.IsStoreDown);
        }

        await client.WaitForCallsAsync(300);
        await stop.CancelAsync();
        decimal spent = (await Task.WhenAll(callers)).Sum();
        await client.WaitUntilAsync(() => ledger.PendingCost == 0 && !ledger.IsStoreDown);
        Assert.True(await ledger.FlushAsync(TestContext.Current.CancellationToken));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        IReadOnlyList<DailySpend> days = await ledger.ReadDailyAsync(today.AddDays(-1), today, TestContext.Current.CancellationToken);
        Assert.Equal(client.Calls, days.Sum(static row => row.Calls));
        Assert.Equal(spent, days.Sum(static row => row.Cost));

        // The next call tells the balance.
        await client.CallAsync(0, TestContext.Current.CancellationToken);
        BudgetStatus status = Assert.Single(ledger.BudgetStatuses);
        Assert.Equal((spent + BudgetedClient.Cost, 0m), (status.Spent, status.Reserved));
    }

    [Fact]
    public async Task Amounts_are_whole_billionths_and_exact_where_floating_point_is_not()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var store = new RedisLedgerStore(redis);
        for (int i = 0; i < 10; i++)
        {
            LedgerReservation reservation = Reservation(0.0000000001m);
            Assert.Equal((i * 0.1m) + 0.000000001m, (await store.ReserveAsync(reservation, TestContext.Current.CancellationToken)).Balances[0].Used);
            await store.SettleAsync(Charge(reservation, 0.1m), TestContext.Current.CancellationToken);
        }

        Assert.Equal(1m, (await store.ReadBalanceAsync(s_account, TestContext.Current.CancellationToken)).Spent);
        Assert.Equal(0, (await store.ReserveAsync(Reservation(0.000000001m), TestContext.Current.CancellationToken)).RefusedBy);
        LedgerReservation large = Reservation(0) with { Accounts = [s_account with { Limit = 9_000_000 }] };
        await store.ReserveAsync(large, TestContext.Current.CancellationToken);
        await store.SettleAsync(Charge(large, 8_999_998.999999999m), TestContext.Current.CancellationToken);
        Assert.Equal(8_999_999.999999999m, (await store.ReadBalanceAsync(s_account, TestContext.Current.CancellationToken)).Spent);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.ReserveAsync(large with { Accounts = [s_account with { Limit = 9_000_001 }] }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Keys_expire_and_nothing_of_a_settled_call_stays_but_its_sums()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var store = new RedisLedgerStore(redis, new() { KeyPrefix = "app" });
        LedgerReservation reservation = Reservation(0.1m);
        await store.ReserveAsync(reservation, TestContext.Current.CancellationToken);
        await store.SettleAsync(Charge(reservation, 0.1m), TestContext.Current.CancellationToken);
        IDatabase database = redis.GetDatabase();
        string[] keys = [.. redis.GetServers()[0].Keys().Select(static key => key.ToString()).Order(StringComparer.Ordinal)];
        Assert.Equal(["{app}:ledger:account:all/month", "{app}:ledger:day:2026-03-14"], keys);
        Assert.All(keys, key => Assert.NotNull(database.KeyTimeToLive(key)));

        // A call of the month before that ends only now does not let this month's amounts expire with its own.
        LedgerReservation late = Reservation(0.1m) with { Accounts = [s_account with { Bucket = 24_313, OldestBucket = 24_313, Expires = s_now.AddDays(1) }] };
        await store.ReserveAsync(late, TestContext.Current.CancellationToken);
        await store.SettleAsync(Charge(late, 0.1m), TestContext.Current.CancellationToken);
        Assert.InRange(database.KeyTimeToLive("{app}:ledger:account:all/month")!.Value.TotalDays, 29, 30);
    }

    [Fact]
    public async Task A_registered_ledger_uses_the_registered_connection()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton<IConnectionMultiplexer>(ConnectionMultiplexer.Connect(server.Configuration))
            .AddRedisCostLedger(static options => options.KeyPrefix = "host")
            .BuildServiceProvider();
        CostLedger ledger = services.GetRequiredService<CostLedger>();
        Assert.IsType<RedisLedgerStore>(ledger.Store);
        Assert.Empty(await ledger.ReadDailyAsync(new(2026, 3, 14), new(2026, 3, 14), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a{b")]
    public async Task A_prefix_that_cannot_be_is_refused(string prefix)
    {
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync("127.0.0.1:1,abortConnect=false,connectTimeout=50,connectRetry=0");
        Assert.Contains("KeyPrefix", Assert.Throws<ArgumentException>(() => new RedisLedgerStore(redis, new() { KeyPrefix = prefix })).Message, StringComparison.Ordinal);
    }

    private static LedgerReservation Reservation(decimal amount) => new() { Id = Guid.NewGuid(), Time = s_now, Expires = s_now.AddMinutes(10), Amount = amount, Accounts = [s_account] };

    private static LedgerCharge Charge(LedgerReservation reservation, decimal cost) =>
        new() { Id = reservation.Id, IsReserved = true, Time = reservation.Time, Route = "strong", Cost = cost, Calls = 1, Accounts = reservation.Accounts };
}
