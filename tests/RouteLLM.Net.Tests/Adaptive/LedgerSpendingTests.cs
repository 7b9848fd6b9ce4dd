using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Tests.Adaptive;

/// <summary>A monthly budget that is paced by what the ledger has, which others and earlier processes have spent too.</summary>
public class LedgerSpendingTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 20, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryLedgerStore _store = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("strong", 2, "weak")]
    [InlineData("strong", 30, "strong")]
    [InlineData("route of another client", 2, "strong")]
    public async Task What_was_spent_this_month_on_the_clients_routes_counts(string route, int daysAgo, string expected)
    {
        await SpendAsync(route, _time.GetUtcNow().AddDays(-daysAgo));
        using RoutedChatClient client = Client(_store);
        await AskAsync(client);
        Assert.Equal(expected, await AskAsync(client));
    }

    [Fact]
    public async Task What_others_spend_meanwhile_is_seen_within_seconds_and_a_new_month_begins_anew()
    {
        using RoutedChatClient client = Client(_store);
        await AskAsync(client);
        Assert.Equal("strong", await AskAsync(client));

        await SpendAsync("weak", _time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal("weak", await AskAsync(client));

        _time.Advance(TimeSpan.FromDays(12));
        Assert.Equal("strong", await AskAsync(client));
    }

    [Fact]
    public async Task A_store_that_is_down_leaves_what_was_known()
    {
        var store = new FailingStore(_store);
        await SpendAsync("strong", _time.GetUtcNow());
        using RoutedChatClient client = Client(store);
        await AskAsync(client);
        store.Fails = true;
        _time.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal("weak", await AskAsync(client));
        Assert.True(store.Failures > 0);
    }

    private static async Task<string> AskAsync(IChatClient client) => (await client.GetResponseAsync("0.9", cancellationToken: Cancel)).GetRouteOutcome()!.Route;

    private RoutedChatClient Client(ILedgerStore store) => new(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), FakeRouter.ReadingPrompts(), new()
    {
        Threshold = 0.5,
        AdaptiveThreshold = new() { MonthlyBudget = 10, MinimumRequests = 1 },
        Spending = new() { Ledger = new CostLedger(store, timeProvider: _time) },
    }, timeProvider: _time);

    private async Task SpendAsync(string route, DateTimeOffset time) =>
        await _store.SettleAsync(new() { Id = Guid.NewGuid(), IsReserved = false, Time = time, Route = route, Cost = 10, Calls = 1 }, Cancel);

    private sealed class FailingStore(ILedgerStore inner) : ILedgerStore
    {
        public bool Fails { get; set; }

        public int Failures { get; private set; }

        public bool SurvivesRestart => false;

        public ValueTask<LedgerReserveResult> ReserveAsync(LedgerReservation reservation, CancellationToken cancellationToken = default) => inner.ReserveAsync(reservation, cancellationToken);

        public ValueTask<IReadOnlyList<LedgerBalance>> SettleAsync(LedgerCharge charge, CancellationToken cancellationToken = default) => inner.SettleAsync(charge, cancellationToken);

        public ValueTask<LedgerBalance> ReadBalanceAsync(LedgerAccount account, CancellationToken cancellationToken = default) => inner.ReadBalanceAsync(account, cancellationToken);

        public ValueTask<IReadOnlyList<DailySpend>> ReadDailyAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default)
        {
            if (Fails)
            {
                Failures++;
                throw new IOException("down");
            }

            return inner.ReadDailyAsync(from, to, cancellationToken);
        }
    }
}
