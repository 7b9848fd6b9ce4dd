using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Simulation;

/// <summary>A client with everything switched on, over providers that do all that can go wrong: three models, two of them in several places, resilience, budgets, conversations, rules, a decision log.</summary>
internal sealed class SoakWorld : IAsyncDisposable
{
    public const int MaxAttempts = 5;
    private const int Tenants = 8;

    private readonly Random _random;

    public SoakWorld(
        int seed, TimeProvider clock, double scale, Journal journal, ILedgerStore ledger, IConversationStore conversations, SpendingOptions spending, CostLedgerOptions? ledgerOptions = null, DecisionLog? log = null)
    {
        _random = new(seed);
        journal.MaxAttempts = MaxAttempts;
        journal.HasRecords = true;
        Ledger = new(ledger, ledgerOptions, timeProvider: clock);
        Gate = new(journal);
        Observer = new(journal);
        Chaos wild = (Chaos.Wild with { HangTime = TimeSpan.FromMinutes(2) }).Scaled(scale);
        Chaos unsteady = wild with { Outage = 0.3 };
        SimulatedProvider one = new("strong-1", wild, seed, clock, journal), two = new("strong-2", wild, seed, clock, journal), three = new("strong-3", unsteady, seed, clock, journal),
            four = new("middle-1", wild, seed, clock, journal), five = new("middle-2", unsteady, seed, clock, journal), weak = new("weak", wild, seed, clock, journal);
        Providers = [one, two, three, four, five, weak];
        ModelRoute[] routes =
        [
            new("strong", [new("strong-1", one), new("strong-2", two) { Weight = 2 }, new("strong-3", three)]) { Profile = new() { Price = new(10, 30), ContextWindow = 100_000 } },
            new("middle", [new("middle-1", four), new("middle-2", five)]) { Profile = new() { Price = new(1.25m, 5), ContextWindow = 100_000 } },
            new("weak", weak) { Profile = new() { Price = new(0.15m, 0.6m), ContextWindow = 100_000 } },
        ];
        spending.Ledger = Ledger;
        var options = new RoutedChatClientOptions
        {
            Spending = spending,
            Conversations = new() { Store = conversations, StoreRetryAfter = TimeSpan.FromSeconds(5) * scale },
            Resilience = MakeResilience(scale),
            TokenCounter = TokenCounter.Create(static text => text.Length),
            Rules =
            {
                new() { Name = "translations", Keywords = ["translate"], Route = "weak" },
                new() { Name = "proofs", Pattern = "prove|theorem", Threshold = 0.2 },
                new() { Name = "thrift", Tenants = ["tenant 3"], Shift = 0.1 },
            },
            TenantThresholds = { ["tenant 1"] = 0.7 },
            Gates = { Gate },
            Observers = { Observer },
        };
        if (log is not null)
        {
            options.Observers.Add(log);
        }

        var router = new FakeRouter((request, _) => new((uint)Seeds.Mix(Seeds.Of(request.Prompt)) / (double)uint.MaxValue));
        Client = new(routes, new LadderPolicy(routes, [0.6, 0.3], router, timeProvider: clock), options, timeProvider: clock);
    }

    public RoutedChatClient Client { get; }

    public CostLedger Ledger { get; }

    public CountingGate Gate { get; }

    public JournalObserver Observer { get; }

    public IReadOnlyList<SimulatedProvider> Providers { get; }

    /// <summary>Gives callers of eight tenants, half of them in conversations of eight turns.</summary>
    /// <param name="name">What their questions begin with; another one makes other questions.</param>
    public static SimulationOptions Callers(string name, int seed, int callers, int callsPerCaller, double scale, Action<int>? ended) => new()
    {
        Seed = seed,
        Callers = callers,
        CallsPerCaller = callsPerCaller,
        Patience = TimeSpan.FromSeconds(1) * scale,
        Pause = TimeSpan.FromSeconds(1) * scale,
        Question = (caller, call) => $"{name} {caller}/{call}" + (call % 9) switch { 4 => " translate it", 7 => " prove it", _ => "" },
        Options = (caller, call) =>
        {
            var options = new ChatOptions { MaxOutputTokens = 100 };
            return caller % 2 == 0 ? options.SetRoutingConversation($"{name} {caller}/{call / 8}") : options;
        },
        Tenant = static caller => $"tenant {caller % Tenants}",
        Ended = ended,
    };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Ledger.DisposeAsync();
    }

    private ResilienceOptions MakeResilience(double scale) => new()
    {
        MaxAttempts = MaxAttempts,
        AttemptTimeout = TimeSpan.FromSeconds(5) * scale,
        TotalTimeout = TimeSpan.FromSeconds(60) * scale,
        HedgeDelay = TimeSpan.FromSeconds(1) * scale,
        RetryDelay = TimeSpan.FromSeconds(0.5) * scale,
        MaxRetryDelay = TimeSpan.FromSeconds(5) * scale,
        Balancing = LoadBalancing.LeastBusy,
        Cooldown = new() { Period = TimeSpan.FromSeconds(2) * scale, MaxPeriod = TimeSpan.FromSeconds(20) * scale },

        // Polly's breaker takes no shorter times.
        CircuitBreaker = scale == 1 ? new() : null,
        NextRandom = () =>
        {
            lock (_random)
            {
                return _random.NextDouble();
            }
        },
    };
}
