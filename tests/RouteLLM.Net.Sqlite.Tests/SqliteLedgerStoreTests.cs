using System.Globalization;
using CsCheck;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Sqlite.Tests;

public sealed class SqliteLedgerStoreTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);
    private static readonly LedgerAccount s_account = new("all/month", 24_314, 24_314, s_now.AddDays(30), 1);

    private readonly SqliteFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_spent_is_known_after_a_restart_and_what_was_reserved_is_released()
    {
        var time = new FakeTimeProvider(s_now);
        await using (var store = new SqliteLedgerStore(_folder.Ledger, timeProvider: time))
        {
            await BookAsync(store, 0.1234567890123456789m);
            await store.ReserveAsync(Reservation(0.5m), TestContext.Current.CancellationToken);
            Assert.Equal(0.5m, (await store.ReadBalanceAsync(s_account, TestContext.Current.CancellationToken)).Reserved);
        }

        await using var again = new SqliteLedgerStore(_folder.Ledger, timeProvider: time);
        Assert.Equal(new LedgerBalance(0.1234567890123456789m, 0), await again.ReadBalanceAsync(s_account, TestContext.Current.CancellationToken));
        await BookAsync(again, 0.0000000000000000001m);
        Assert.Equal(0.123456789012345679m, (await again.ReadBalanceAsync(s_account, TestContext.Current.CancellationToken)).Spent);
        DailySpend day = Assert.Single(await again.ReadDailyAsync(new(2026, 3, 1), new(2026, 3, 31), TestContext.Current.CancellationToken));
        Assert.Equal((2, 0.123456789012345679m), (day.Calls, day.Cost));
    }

    [Fact]
    public async Task Balances_are_forgotten_when_their_periods_are_over_and_days_are_kept()
    {
        var time = new FakeTimeProvider(s_now);
        await using (var store = new SqliteLedgerStore(_folder.Ledger, timeProvider: time))
        {
            await BookAsync(store, 0.5m);
        }

        time.Advance(TimeSpan.FromDays(31));
        await using var later = new SqliteLedgerStore(_folder.Ledger, timeProvider: time);
        Assert.Equal(default, await later.ReadBalanceAsync(s_account, TestContext.Current.CancellationToken));
        Assert.Equal(0.5m, Assert.Single(await later.ReadDailyAsync(new(2026, 1, 1), new(2026, 12, 31), TestContext.Current.CancellationToken)).Cost);
    }

    [Fact]
    public async Task A_file_has_one_writer_and_any_readers()
    {
        await using var store = new SqliteLedgerStore(_folder.Ledger, new() { AwaitCommit = true });
        await BookAsync(store, 0.25m);
        Assert.Contains("one writer", Assert.Throws<IOException>(() => new SqliteLedgerStore(_folder.Ledger)).Message, StringComparison.Ordinal);
        Assert.Equal(0.25m, Assert.Single(SqliteLedgerStore.ReadDaily(_folder.Ledger, new(2026, 3, 14), new(2026, 3, 14))).Cost);
        Assert.Empty(SqliteLedgerStore.ReadDaily(_folder.Ledger, new(2026, 3, 15), new(2026, 3, 20)));
    }

    [Fact]
    public async Task A_settled_charge_waits_for_its_commit_only_where_that_is_asked_for()
    {
        await using var grouped = new SqliteLedgerStore(_folder.Ledger, new() { CommitInterval = TimeSpan.FromMinutes(1) });
        await BookAsync(grouped, 0.25m);
        Assert.Empty(SqliteLedgerStore.ReadDaily(_folder.Ledger, new(2026, 3, 14), new(2026, 3, 14)));

        // Whoever asks this store is told all that was settled.
        Assert.Single(await grouped.ReadDailyAsync(new(2026, 3, 14), new(2026, 3, 14), TestContext.Current.CancellationToken));
        Assert.Single(SqliteLedgerStore.ReadDaily(_folder.Ledger, new(2026, 3, 14), new(2026, 3, 14)));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_fails_reservations_and_loses_nothing_when_it_can_again()
    {
        await using var store = new SqliteLedgerStore(_folder.Ledger, new() { CommitInterval = TimeSpan.FromMinutes(1) });
        using (var other = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _folder.Ledger, Pooling = false }.ToString()))
        {
            other.Open();
            using SqliteCommand command = other.CreateCommand();
            command.CommandText = "ALTER TABLE spend RENAME TO moved";
            command.ExecuteNonQuery();
            await BookAsync(store, 0.25m);
            await Assert.ThrowsAsync<IOException>(async () => await store.ReadDailyAsync(new(2026, 3, 14), new(2026, 3, 14), TestContext.Current.CancellationToken));
            await Assert.ThrowsAsync<IOException>(async () => await store.ReserveAsync(Reservation(0.1m), TestContext.Current.CancellationToken));
            command.CommandText = "ALTER TABLE moved RENAME TO spend";
            command.ExecuteNonQuery();
        }

        Assert.Equal(0.25m, Assert.Single(await store.ReadDailyAsync(new(2026, 3, 14), new(2026, 3, 14), TestContext.Current.CancellationToken)).Cost);
        Assert.Null((await store.ReserveAsync(Reservation(0.1m), TestContext.Current.CancellationToken)).RefusedBy);
    }

    [Fact]
    public async Task Files_that_are_no_ledgers_are_refused_and_left_alone()
    {
        await File.WriteAllTextAsync(_folder.Ledger, new string('x', 5_000), TestContext.Current.CancellationToken);
        Assert.Throws<SqliteException>(() => new SqliteLedgerStore(_folder.Ledger));
        Assert.Equal(new string('x', 5_000), await File.ReadAllTextAsync(_folder.Ledger, TestContext.Current.CancellationToken));
        File.Delete(_folder.Ledger);
        using (var other = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _folder.Ledger, Pooling = false }.ToString()))
        {
            other.Open();
            using SqliteCommand command = other.CreateCommand();
            command.CommandText = "CREATE TABLE songs(title TEXT)";
            command.ExecuteNonQuery();
        }

        Assert.Contains("no ledger of this version", Assert.Throws<InvalidDataException>(() => new SqliteLedgerStore(_folder.Ledger)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => SqliteLedgerStore.ReadDaily(_folder.Ledger, default, default));
        Assert.Throws<FileNotFoundException>(() => SqliteLedgerStore.ReadDaily(_folder.Ledger + ".not", default, default));
        Assert.Contains("zero to a minute", Assert.Throws<ArgumentException>(() => new SqliteLedgerStore(_folder.Ledger, new() { CommitInterval = TimeSpan.FromHours(1) })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Amounts_come_back_as_they_were_booked_whatever_they_are() =>
        Gen.Long[0, 10_000_000_000_000].Select(static units => units / 1_000_000_000_000m).Array[1, 5].Sample(
            costs =>
            {
                using var folder = new SqliteFolder();
                using (var store = new SqliteLedgerStore(folder.Ledger, timeProvider: new FakeTimeProvider(s_now)))
                {
                    foreach (decimal cost in costs)
                    {
                        LedgerReservation reservation = Reservation(0);
                        store.SettleAsync(Charge(reservation, cost)).AsTask().GetAwaiter().GetResult();
                    }
                }

                using var again = new SqliteLedgerStore(folder.Ledger, timeProvider: new FakeTimeProvider(s_now));
                Assert.Equal(costs.Sum(), again.ReadBalanceAsync(s_account).AsTask().GetAwaiter().GetResult().Spent);
                Assert.Equal(costs.Sum().ToString(CultureInfo.InvariantCulture), SqliteLedgerStore.ReadDaily(folder.Ledger, new(2026, 3, 14), new(2026, 3, 14)).Sum(static row => row.Cost).ToString(CultureInfo.InvariantCulture));
            },
            iter: 20, threads: 1);

    [Fact]
    public async Task A_registered_ledger_writes_to_its_file_and_closes_it_with_the_container()
    {
        await using (ServiceProvider services = new ServiceCollection().AddSqliteCostLedger(_folder.Ledger, static options => options.CommitInterval = TimeSpan.FromSeconds(30)).BuildServiceProvider())
        {
            CostLedger ledger = services.GetRequiredService<CostLedger>();
            Assert.IsType<SqliteLedgerStore>(ledger.Store);
            Assert.True(ledger.Store.SurvivesRestart);
            await BookAsync(ledger.Store, 0.5m);
        }

        Assert.Equal(0.5m, Assert.Single(SqliteLedgerStore.ReadDaily(_folder.Ledger, new(2026, 3, 14), new(2026, 3, 14))).Cost);
    }

    private static LedgerReservation Reservation(decimal amount) => new() { Id = Guid.NewGuid(), Time = s_now, Expires = s_now.AddMinutes(10), Amount = amount, Accounts = [s_account] };

    private static LedgerCharge Charge(LedgerReservation reservation, decimal cost) =>
        new() { Id = reservation.Id, IsReserved = true, Time = reservation.Time, Route = "strong", Cost = cost, Calls = 1, Accounts = reservation.Accounts };

    private static async Task BookAsync(ILedgerStore store, decimal cost)
    {
        LedgerReservation reservation = Reservation(cost);
        Assert.Null((await store.ReserveAsync(reservation, TestContext.Current.CancellationToken)).RefusedBy);
        await store.SettleAsync(Charge(reservation, cost), TestContext.Current.CancellationToken);
    }
}
