using System.Globalization;
using RouteLLM;
using RouteLLM.Redis;
using RouteLLM.Redis.Worker;
using RouteLLM.Tests.Simulation;
using StackExchange.Redis;

// One of several processes that share a ledger and the routes of conversations on a Redis server: callers of its own ask their questions, and it says on the way how many have ended, and at the end what came of them.
var settings = new WorkerSettings(args[0], args[1], Seed: int.Parse(args[2], CultureInfo.InvariantCulture), CallsPerCaller: int.Parse(args[3], CultureInfo.InvariantCulture), Enum.Parse<StoreFailureMode>(args[4]), decimal.Parse(args[5], CultureInfo.InvariantCulture));
TimeProvider clock = TimeProvider.System;
await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(settings.Redis);
var journal = new Journal();
var spending = new SpendingOptions
{
    WhenStoreDown = settings.WhenStoreDown,

    // No call costs more than is reserved for it, so that budgets hold to the last digit.
    ReserveMaximum = true,
    Budgets = { new() { Name = "tenant", Tenant = Budget.Each, Limit = settings.TenantLimit, Period = BudgetPeriod.Sliding, Window = TimeSpan.FromDays(1), WhenExhausted = BudgetExhaustion.Refuse } },
};
var ledgerOptions = new CostLedgerOptions { StoreTimeout = TimeSpan.FromMilliseconds(500), RetryInterval = TimeSpan.FromMilliseconds(50) };
await using var world = new SoakWorld(settings.Seed, clock, WorkerSettings.Scale, journal, new RedisLedgerStore(redis), new RedisConversationStore(redis), spending, ledgerOptions);
SimulationOptions options = SoakWorld.Callers(settings.Name, settings.Seed, WorkerSettings.Callers, settings.CallsPerCaller, WorkerSettings.Scale, static ended =>
{
    if (ended % 100 == 0)
    {
        Console.Out.WriteLine(ended);
    }
});

SimulationReport report = await new Simulation(world.Client, journal, options, clock).RunAsync();

// What was kept in memory while the server was down is booked when it is back.
for (int attempt = 0; attempt < 600 && !await world.Ledger.FlushAsync(); attempt++)
{
    await Task.Delay(50);
}

var result = new WorkerResult
{
    Ends = new(report.Ends),
    Violations = [.. journal.Violations.Take(20)],
    OpenQuestions = journal.OpenQuestions,
    AdmissionsUnderWay = world.Gate.UnderWay,
    PendingCost = world.Ledger.PendingCost,
    KeptConversations = world.Observer.Homecomings,
    Spending = [.. report.Spending.Select(static spent => new WorkerSpending(spent.Key.Tenant, spent.Key.Route, spent.Value.Calls, spent.Value.InputTokens, spent.Value.OutputTokens, spent.Value.Cost))],
};
Console.Out.WriteLine(result.ToJson());
