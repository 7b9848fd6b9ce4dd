using Microsoft.Extensions.AI;
using RouteLLM.Tests.Diagnostics;

namespace RouteLLM.Tests.Budgets;

/// <summary>What happens while a store is down, and after.</summary>
public sealed class StoreFailureTests
{
    [Fact]
    public async Task With_an_open_policy_requests_go_on_and_are_booked_once_the_store_is_back()
    {
        var store = new BreakableStore();
        var logs = new LogRecorder();
        SpendingFixture fixture = new SpendingFixture(store).With(new() { Name = "all", Limit = 1, Tenant = Budget.Each });
        using RoutedChatClient client = fixture.CreateClient(logs);
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        store.Failure = static () => new IOException("no store");
        for (int i = 0; i < 10; i++)
        {
            await client.GetResponseAsync("hi", SpendingFixture.Of(i % 2 == 0 ? "even" : "odd"), TestContext.Current.CancellationToken);
        }

        Assert.True(fixture.Ledger.IsStoreDown);
        Assert.Equal(0.1m, fixture.Ledger.PendingCost);
        logs.Single("StoreDown");
        int tries = store.Tries;
        Assert.InRange(tries, 1, 6);

        store.Failure = null;
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(fixture.Ledger.IsStoreDown);
        Assert.Equal(0, fixture.Ledger.PendingCost);
        Assert.Equal([0.01m, 0.05m, 0.05m], (await fixture.DailyAsync()).Select(static row => row.Cost));
        Assert.Equal([1, 5, 5], (await fixture.DailyAsync()).Select(static row => row.Calls));
        await client.GetResponseAsync("hi", SpendingFixture.Of("odd"), TestContext.Current.CancellationToken);
        Assert.Equal(0.06m, fixture.Ledger.BudgetStatuses.Single(static status => status.Account.EndsWith("odd", StringComparison.Ordinal)).Spent);
        logs.Single("StoreUp");
    }

    [Fact]
    public async Task With_a_closed_policy_requests_are_refused_until_the_store_is_back()
    {
        var store = new BreakableStore { Failure = static () => new IOException("no store") };
        var fixture = new SpendingFixture(store);
        fixture.Spending.WhenStoreDown = StoreFailureMode.Closed;
        using RoutedChatClient client = fixture.CreateClient();
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        store.Failure = null;
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single(fixture.Strong.Calls);
    }

    [Fact]
    public async Task A_charge_whose_answer_was_lost_is_booked_once()
    {
        var store = new BreakableStore();
        SpendingFixture fixture = new SpendingFixture(store).With(new() { Name = "all", Limit = 1 });
        fixture.Strong.OnResponse = (_, _, _) =>
        {
            store.LosesAnswers = true;
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")) { Usage = new() { InputTokenCount = 100, OutputTokenCount = 900 } });
        };
        using RoutedChatClient client = fixture.CreateClient();
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0.01m, fixture.Ledger.PendingCost);
        store.LosesAnswers = false;
        Assert.True(await fixture.Ledger.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0.01m, Assert.Single(await fixture.DailyAsync()).Cost);
        Assert.True(store.SawRetry);
    }

    [Fact]
    public async Task A_store_that_hangs_counts_as_down_after_its_time_limit()
    {
        var store = new BreakableStore { Hangs = true };
        var fixture = new SpendingFixture(store);
        using RoutedChatClient client = fixture.CreateClient();
        Task<ChatResponse> call = client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(call.IsCompleted);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await call;
        Assert.True(fixture.Ledger.IsStoreDown);
    }

    [Fact]
    public async Task What_cannot_be_booked_when_the_ledger_is_closed_is_logged()
    {
        var store = new BreakableStore { Failure = static () => new IOException("no store") };
        var logs = new LogRecorder();
        var fixture = new SpendingFixture(store);
        using RoutedChatClient client = fixture.CreateClient(logs);
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        await fixture.Ledger.DisposeAsync();
        Assert.Equal(0.01m, logs.Single("ChargesLost").Values["Cost"]);
    }

    /// <summary>A store that can be down, hang, or do its work and lose the answer.</summary>
    private sealed class BreakableStore : ILedgerStore
    {
        private readonly MemoryLedgerStore _inner = new();
        private readonly HashSet<Guid> _booked = [];

        public Func<Exception>? Failure { get; set; }

        public bool Hangs { get; set; }

        public bool LosesAnswers { get; set; }

        public bool SawRetry { get; private set; }

        public int Tries { get; private set; }

        public bool SurvivesRestart => true;

        public ValueTask<LedgerReserveResult> ReserveAsync(LedgerReservation reservation, CancellationToken cancellationToken = default) => Run(() => _inner.ReserveAsync(reservation));

        public ValueTask<IReadOnlyList<LedgerBalance>> SettleAsync(LedgerCharge charge, CancellationToken cancellationToken = default) => Run(() =>
        {
            SawRetry |= charge.IsRetry;
            return _booked.Add(charge.Id) ? _inner.SettleAsync(charge) : new([]);
        });

        public ValueTask<LedgerBalance> ReadBalanceAsync(LedgerAccount account, CancellationToken cancellationToken = default) => Run(() => _inner.ReadBalanceAsync(account));

        public ValueTask<IReadOnlyList<DailySpend>> ReadDailyAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default) => _inner.ReadDailyAsync(from, to, cancellationToken);

        private ValueTask<T> Run<T>(Func<ValueTask<T>> operation)
        {
            if (Failure is not null)
            {
                Tries++;
                throw Failure();
            }

            if (Hangs)
            {
                return new(new TaskCompletionSource<T>().Task);
            }

            ValueTask<T> result = operation();
            return LosesAnswers ? throw new TimeoutException("The answer was lost.") : result;
        }
    }
}
