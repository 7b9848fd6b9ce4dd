using System.Diagnostics;
using System.Globalization;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Simulation;

// Alone, for what other tests allocate at the same time is in the process's memory too, and takes the time of these calls.
[Collection(nameof(SoakTests))]
[CollectionDefinition(nameof(SoakTests), DisableParallelization = true)]
public sealed class SoakTests : IDisposable
{
    private const int Callers = 64;
    private const double RealTimeScale = 0.005;
    private const long MostGrowth = 16 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("routellm-soak-").FullName;

    /// <summary>Gets how many calls a soak makes: 100,000, or the value of <c>ROUTELLM_SOAK_CALLS</c>.</summary>
    private static int Calls => Environment.GetEnvironmentVariable("ROUTELLM_SOAK_CALLS") is { Length: > 0 } calls ? int.Parse(calls, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 100_000;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task A_soak_on_one_thread_in_simulated_time_loses_doubles_and_mixes_up_nothing_and_its_books_are_exact()
    {
        var time = new SimulatedTime();
        return SoakAsync(time, scale: 1, Calls, Spending(tenantLimit: 0.45m, strongLimit: 1.8m), simulation => simulation.RunAsync(time));
    }

    [Fact]
    public Task A_soak_in_real_time_on_all_threads_loses_doubles_and_mixes_up_nothing_and_its_books_are_exact() =>
        SoakAsync(TimeProvider.System, RealTimeScale, Calls, Spending(tenantLimit: 0.000045m * Calls, strongLimit: 0.0003m * Calls), static simulation => simulation.RunAsync());

    [Fact]
    public async Task Two_soaks_of_the_same_seed_are_the_same()
    {
        var reports = new SimulationReport[2];
        for (int run = 0; run < reports.Length; run++)
        {
            var time = new SimulatedTime();
            reports[run] = await SoakAsync(time, scale: 1, 10_000, Spending(tenantLimit: 0.3m, strongLimit: 1), simulation => simulation.RunAsync(time));
        }

        Assert.Equal(reports[0].ToString(), reports[1].ToString());
        Assert.Equal(reports[0].Fingerprint, reports[1].Fingerprint);
        Assert.Equal(reports[0].Spending.OrderBy(static spent => spent.Key), reports[1].Spending.OrderBy(static spent => spent.Key));
    }

    // In either kind of time some tenants run out of money, and the threshold rises to spare the strong model.
    private static SpendingOptions Spending(decimal tenantLimit, decimal strongLimit) => new()
    {
        Budgets =
        {
            new() { Name = "tenant", Tenant = Budget.Each, Limit = tenantLimit, Period = BudgetPeriod.Sliding, Window = TimeSpan.FromMinutes(5), WhenExhausted = BudgetExhaustion.Refuse },
            new() { Name = "strong", Route = "strong", Limit = strongLimit, Period = BudgetPeriod.Sliding, Window = TimeSpan.FromMinutes(2), RaiseFrom = 0.5 },
            new() { Name = "all", Limit = 1_000, Period = BudgetPeriod.Month },
        },
    };

    private async Task<SimulationReport> SoakAsync(TimeProvider clock, double scale, int calls, SpendingOptions spending, Func<Simulation, Task<SimulationReport>> run)
    {
        int callsPerCaller = (calls + Callers - 1) / Callers;
        calls = callsPerCaller * Callers;
        var journal = new Journal();
        var store = new AuditedLedgerStore(new MemoryLedgerStore(), journal, Callers);
        await using var log = new DecisionLog(new() { Path = Path.Combine(_folder, "decisions.jsonl"), MaxFileBytes = 4_000_000, RetainedFiles = 3, Capacity = 100_000 });
        await using var world = new SoakWorld(seed: 1, clock, scale, journal, store, new MemoryConversationStore(capacity: 2_000, clock), spending, log: log);
        var memory = new MemoryWatch(calls);
        SimulationOptions options = SoakWorld.Callers("question", seed: 1, Callers, callsPerCaller, scale, memory.Note);
        DateTimeOffset began = clock.GetUtcNow();
        long started = Stopwatch.GetTimestamp();

        SimulationReport report = await run(new Simulation(world.Client, journal, options, clock));

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        await log.FlushAsync(TestContext.Current.CancellationToken);
        await store.CheckBalancesAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {calls} calls of {Callers} callers in {elapsed.TotalSeconds:0.0} s ({(clock.GetUtcNow() - began).TotalMinutes:0.0} min of their time), {journal.Calls} calls of providers, {world.Observer.Homecomings} turns kept to their conversation's route
            {report}
            spent {report.Spending.Values.Sum(static spent => spent.Cost)} USD; peaks {string.Join(", ", store.PeakShares.Select(static peak => $"{peak.Key} {peak.Value:P1}"))}; a call cost at most {store.LargestOverrun} USD beyond its reservation
            memory at each tenth: {memory}; the log dropped {log.DroppedCount}
            """));

        Assert.True(journal.Violations.Count == 0, $"{journal.Violations.Count} violations: {string.Join(Environment.NewLine, journal.Violations.Take(20))}");
        CheckEnds(calls, journal, report);
        Assert.Equal((0, 0), (store.Open, world.Gate.UnderWay));
        Assert.InRange(world.Gate.Admitted, calls / 2, long.MaxValue);
        Assert.All(world.Client.GetService(typeof(DeploymentHealth)) is DeploymentHealth health ? health.GetStatuses() : [], static status => Assert.Equal(0, status.CallsUnderWay));
        Assert.Equal((world.Observer.Records, 0), (log.WrittenCount, log.DroppedCount));
        await CheckLedgerAsync(world.Ledger, began, clock.GetUtcNow(), report);
        Assert.InRange(memory.Growth, long.MinValue, MostGrowth);
        if (clock is SimulatedTime)
        {
            Assert.Equal(0, world.Providers.Sum(static provider => provider.UnderWay));
        }

        return report;
    }

    private static void CheckEnds(int calls, Journal journal, SimulationReport report)
    {
        Assert.Equal((calls, 0), (report.Ends.Values.Sum(), journal.OpenQuestions));
        Assert.InRange(report["answered"] + report["rescued"], calls / 2, calls);
        Assert.All((string[])["answered", "rescued", "left", "cancelled", "broken off", nameof(RoutesFailedException)], end => Assert.True(report[end] > 0, $"{end}: {report}"));
    }

    /// <summary>Checks that what the ledger has by route and tenant is what the callers were told, to the last digit.</summary>
    private static async Task CheckLedgerAsync(CostLedger ledger, DateTimeOffset from, DateTimeOffset to, SimulationReport report)
    {
        IReadOnlyList<DailySpend> days = await ledger.ReadDailyAsync(DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime), TestContext.Current.CancellationToken);
        Dictionary<(string? Tenant, string Route), SimulationReport.Spent> booked = days.GroupBy(static row => (row.Tenant, row.Route)).ToDictionary(
            static rows => rows.Key,
            static rows => new SimulationReport.Spent(rows.Sum(static row => row.Calls), rows.Sum(static row => row.InputTokens), rows.Sum(static row => row.OutputTokens), rows.Sum(static row => row.Cost)));
        Assert.Equal(24, booked.Count);
        Assert.Equal(report.Spending.OrderBy(static spent => spent.Key), booked.OrderBy(static spent => spent.Key));
    }
}
