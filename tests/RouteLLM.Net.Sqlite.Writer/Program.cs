using RouteLLM;
using RouteLLM.Sqlite;

// Books one charge after the other, from four callers, and writes the number of those booked so far after each, until it is killed.
await using var store = new SqliteLedgerStore(args[0], new() { AwaitCommit = args[1] == "await", CommitInterval = TimeSpan.FromMilliseconds(5) });
DateTimeOffset day = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);
var account = new LedgerAccount("all/month", 24_314, 24_314, DateTimeOffset.MaxValue.AddYears(-1), 1_000_000);
int booked = 0;
var output = new Lock();
await Task.WhenAll(Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
{
    while (true)
    {
        var reservation = new LedgerReservation { Id = Guid.NewGuid(), Time = day, Expires = day.AddMinutes(10), Amount = 0.5m, Accounts = [account] };
        await store.ReserveAsync(reservation);
        await store.SettleAsync(new() { Id = reservation.Id, IsReserved = true, Time = day, Route = $"route-{caller}", Cost = 0.000125m, Calls = 1, InputTokens = 3, Accounts = [account] });
        lock (output)
        {
            Console.Out.WriteLine(++booked);
            Console.Out.Flush();
        }
    }
})));
