using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Tests.Budgets;

/// <summary>A client of two priced models with budgets: the strong one costs a cent a thousand tokens either way, the weak one a tenth of that.</summary>
internal sealed class SpendingFixture
{
    public static readonly DateTimeOffset Start = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);

    private static readonly TokenPrice s_strongPrice = new(10, 10), s_weakPrice = new(1, 1);

    public SpendingFixture(ILedgerStore? store = null, double winProbability = 0.6, double threshold = 0.5)
    {
        Store = store ?? new MemoryLedgerStore();
        Ledger = new(Store, new() { BalanceAge = TimeSpan.Zero }, timeProvider: Time);
        Spending = new() { Ledger = Ledger, BudgetWarning = Warnings.Add };
        Router = new FakeRouter(winProbability);
        Options = new()
        {
            Threshold = threshold,
            StrongProfile = new() { Price = s_strongPrice },
            WeakProfile = new() { Price = s_weakPrice },
            Spending = Spending,
            Tenant = static (_, options) => options?.AdditionalProperties?.GetValueOrDefault("team")?.ToString(),
            TokenCounter = TokenCounter.Create(static text => text.Length),
        };
    }

    public FakeTimeProvider Time { get; } = new(Start);

    public ILedgerStore Store { get; }

    public CostLedger Ledger { get; }

    public SpendingOptions Spending { get; }

    public TwoModelRoutingOptions Options { get; }

    public IRouter Router { get; }

    public List<BudgetStatus> Warnings { get; } = [];

    public TestChatClient Strong { get; } = Using(100, 900);

    public TestChatClient Weak { get; } = Using(100, 900);

    public DateOnly Today => DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime);

    public SpendingFixture With(Budget budget)
    {
        Spending.Budgets.Add(budget);
        return this;
    }

    public RoutedChatClient CreateClient(Microsoft.Extensions.Logging.ILoggerFactory? loggerFactory = null) => new(Strong, Weak, Router, Options, loggerFactory, timeProvider: Time);

    public Task<IReadOnlyList<DailySpend>> DailyAsync() => Ledger.ReadDailyAsync(Today.AddDays(-400), Today).AsTask();

    /// <summary>Makes a model that says how many tokens it used: a strong answer of 100 and 900 costs a cent, a weak one a tenth of a cent.</summary>
    public static TestChatClient Using(long input, long output) => new()
    {
        OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "an answer")) { Usage = new() { InputTokenCount = input, OutputTokenCount = output } }),
    };

    public static ChatOptions Of(string tenant) => new() { AdditionalProperties = new() { ["team"] = tenant } };
}
