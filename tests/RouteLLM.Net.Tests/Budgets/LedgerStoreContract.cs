namespace RouteLLM.Tests.Budgets;

/// <summary>What every ledger store promises. The tests of each store derive from it.</summary>
public abstract class LedgerStoreContract
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    /// <summary>Makes an empty store.</summary>
    protected abstract ValueTask<ILedgerStore> CreateAsync();

    [Fact]
    public async Task A_reservation_is_held_until_it_is_settled_and_then_the_real_cost_is_spent()
    {
        ILedgerStore store = await CreateAsync();
        LedgerAccount account = Account("all", limit: 1);
        LedgerReservation reservation = Reservation(0.25m, account);
        LedgerReserveResult reserved = await store.ReserveAsync(reservation, TestContext.Current.CancellationToken);
        Assert.Null(reserved.RefusedBy);
        Assert.Equal([new LedgerBalance(0, 0.25m)], reserved.Balances);
        Assert.Equal([new LedgerBalance(0.125m, 0)], await store.SettleAsync(Charge(reservation, 0.125m), TestContext.Current.CancellationToken));
        Assert.Equal(new LedgerBalance(0.125m, 0), await store.ReadBalanceAsync(account, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_reservation_is_made_in_all_accounts_or_in_none()
    {
        ILedgerStore store = await CreateAsync();
        LedgerAccount wide = Account("wide", limit: 10), narrow = Account("narrow", limit: 1);
        Assert.Null((await store.ReserveAsync(Reservation(0.75m, wide, narrow), TestContext.Current.CancellationToken)).RefusedBy);
        LedgerReserveResult refused = await store.ReserveAsync(Reservation(0.5m, wide, narrow), TestContext.Current.CancellationToken);
        Assert.Equal(1, refused.RefusedBy);
        Assert.Equal([new LedgerBalance(0, 0.75m), new LedgerBalance(0, 0.75m)], refused.Balances);
        Assert.Equal(new LedgerBalance(0, 0.75m), await store.ReadBalanceAsync(wide, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_limit_may_be_used_to_the_last_cent_and_no_further()
    {
        ILedgerStore store = await CreateAsync();
        LedgerAccount account = Account("all", limit: 0.3m);
        for (int i = 0; i < 3; i++)
        {
            Assert.Null((await store.ReserveAsync(Reservation(0.1m, account), TestContext.Current.CancellationToken)).RefusedBy);
        }

        Assert.Equal(0, (await store.ReserveAsync(Reservation(0.000000001m, account), TestContext.Current.CancellationToken)).RefusedBy);
        Assert.Null((await store.ReserveAsync(Reservation(0, account), TestContext.Current.CancellationToken)).RefusedBy);
        Assert.Null((await store.ReserveAsync(Reservation(5, account with { Limit = null }), TestContext.Current.CancellationToken)).RefusedBy);
    }

    [Fact]
    public async Task What_is_reserved_by_a_call_that_never_ends_is_released_in_time()
    {
        ILedgerStore store = await CreateAsync();
        LedgerAccount account = Account("all", limit: 1);
        LedgerReservation forgotten = Reservation(1, account);
        await store.ReserveAsync(forgotten, TestContext.Current.CancellationToken);
        LedgerReservation next = Reservation(1, account);
        Assert.Equal(0, (await store.ReserveAsync(next with { Time = forgotten.Expires.AddMilliseconds(-1) }, TestContext.Current.CancellationToken)).RefusedBy);
        Assert.Null((await store.ReserveAsync(next with { Time = forgotten.Expires.AddMilliseconds(1), Expires = forgotten.Expires.AddHours(1) }, TestContext.Current.CancellationToken)).RefusedBy);

        // It ends after all, and counts.
        Assert.Equal([new LedgerBalance(0.5m, 1)], await store.SettleAsync(Charge(forgotten, 0.5m), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_calendar_period_knows_nothing_of_the_one_before()
    {
        ILedgerStore store = await CreateAsync();
        LedgerAccount march = Account("all", limit: 1);
        LedgerReservation reservation = Reservation(1, march);
        await store.ReserveAsync(reservation, TestContext.Current.CancellationToken);
        LedgerAccount april = march with { Bucket = march.Bucket + 1, OldestBucket = march.OldestBucket + 1 };
        Assert.Equal(default, await store.ReadBalanceAsync(april, TestContext.Current.CancellationToken));
        Assert.Null((await store.ReserveAsync(Reservation(1, april), TestContext.Current.CancellationToken)).RefusedBy);

        // A call that began before the period's end belongs to it.
        await store.SettleAsync(Charge(reservation, 0.9m), TestContext.Current.CancellationToken);
        Assert.Equal(new LedgerBalance(0, 1), await store.ReadBalanceAsync(april, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_sliding_window_forgets_its_oldest_buckets()
    {
        ILedgerStore store = await CreateAsync();
        LedgerAccount account = Account("all", limit: 10) with { Bucket = 100, OldestBucket = 98 };
        for (int i = 0; i < 5; i++)
        {
            LedgerReservation reservation = Reservation(1, account with { Bucket = 100 + i, OldestBucket = 98 + i });
            await store.ReserveAsync(reservation, TestContext.Current.CancellationToken);
            await store.SettleAsync(Charge(reservation, 1 << i), TestContext.Current.CancellationToken);
        }

        Assert.Equal(4 + 8 + 16, (await store.ReadBalanceAsync(account with { Bucket = 104, OldestBucket = 102 }, TestContext.Current.CancellationToken)).Spent);
        Assert.Equal(16, (await store.ReadBalanceAsync(account with { Bucket = 106, OldestBucket = 104 }, TestContext.Current.CancellationToken)).Spent);
    }

    [Fact]
    public async Task What_was_spent_is_told_by_day_route_and_tenant()
    {
        ILedgerStore store = await CreateAsync();
        (int Day, string Route, string? Tenant)[] calls = [(14, "weak", "acme"), (14, "strong", null), (14, "weak", "acme"), (15, "weak", ""), (15, "weak", null), (20, "weak", null)];
        foreach ((int day, string route, string? tenant) in calls)
        {
            LedgerReservation reservation = Reservation(0) with { Time = new(2026, 3, day, 23, 59, 59, TimeSpan.Zero) };
            await store.ReserveAsync(reservation, TestContext.Current.CancellationToken);
            await store.SettleAsync(
                Charge(reservation, 0.001m) with { Route = route, Tenant = tenant, InputTokens = 100, CachedInputTokens = 40, OutputTokens = 7, EstimatedCalls = day == 15 ? 1 : 0 }, TestContext.Current.CancellationToken);
        }

        DailySpend one = new(new(2026, 3, 14), "strong", null) { Calls = 1, InputTokens = 100, CachedInputTokens = 40, OutputTokens = 7, Cost = 0.001m };
        Assert.Equal(
            [
                one,
                one with { Route = "weak", Tenant = "acme", Calls = 2, InputTokens = 200, CachedInputTokens = 80, OutputTokens = 14, Cost = 0.002m },
                one with { Day = new(2026, 3, 15), Route = "weak", EstimatedCalls = 1 },
                one with { Day = new(2026, 3, 15), Route = "weak", Tenant = "", EstimatedCalls = 1 },
            ],
            await store.ReadDailyAsync(new(2026, 3, 14), new(2026, 3, 15), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_release_counts_as_no_call()
    {
        ILedgerStore store = await CreateAsync();
        LedgerAccount account = Account("all", limit: 1);
        LedgerReservation reservation = Reservation(1, account);
        await store.ReserveAsync(reservation, TestContext.Current.CancellationToken);
        await store.SettleAsync(Charge(reservation, 0) with { Calls = 0 }, TestContext.Current.CancellationToken);
        Assert.Equal(default, await store.ReadBalanceAsync(account, TestContext.Current.CancellationToken));
        Assert.Empty(await store.ReadDailyAsync(new(2026, 1, 1), new(2026, 12, 31), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Concurrent_calls_never_reserve_more_than_the_limit_and_the_books_add_up()
    {
        ILedgerStore store = await CreateAsync();
        LedgerAccount account = Account("all", limit: 1);
        decimal[] costs = await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            decimal spent = 0;
            for (int i = 0; i < 50; i++)
            {
                LedgerReservation reservation = Reservation(0.05m, account);
                LedgerReserveResult result = await store.ReserveAsync(reservation);
                Assert.True(result.Balances[0].Used <= 1);
                if (result.RefusedBy is null)
                {
                    decimal cost = random.Next(0, 50_000_000) / 1_000_000_000m;
                    await store.SettleAsync(Charge(reservation, cost));
                    spent += cost;
                }
            }

            return spent;
        })));
        Assert.Equal(new LedgerBalance(costs.Sum(), 0), await store.ReadBalanceAsync(account, TestContext.Current.CancellationToken));
        Assert.InRange(costs.Sum(), 0.8m, 1);
        Assert.Equal(costs.Sum(), (await store.ReadDailyAsync(new(2026, 3, 14), new(2026, 3, 14), TestContext.Current.CancellationToken)).Sum(static row => row.Cost));
    }

    protected static LedgerAccount Account(string key, decimal? limit) => new(key, 24_314, 24_314, s_now.AddDays(30), limit);

    protected static LedgerReservation Reservation(decimal amount, params LedgerAccount[] accounts) =>
        new() { Id = Guid.NewGuid(), Time = s_now, Expires = s_now.AddMinutes(10), Amount = amount, Accounts = accounts };

    protected static LedgerCharge Charge(LedgerReservation reservation, decimal cost) =>
        new() { Id = reservation.Id, IsReserved = true, Time = reservation.Time, Route = "strong", Cost = cost, Calls = 1, Accounts = reservation.Accounts };
}
