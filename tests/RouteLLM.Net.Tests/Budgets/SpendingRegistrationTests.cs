using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RouteLLM.Tests.Budgets;

/// <summary>Budgets in a host.</summary>
public sealed class SpendingRegistrationTests
{
    private static readonly IConfigurationRoot s_configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();

    [Fact]
    public async Task What_was_spent_outlives_a_reload_and_the_new_limit_holds()
    {
        decimal limit = 0.01m;
        var services = new ServiceCollection();
        services.AddCostLedger();
        services.AddSingleton<IOptionsChangeTokenSource<TwoModelRoutingOptions>>(static _ => new ConfigurationChangeTokenSource<TwoModelRoutingOptions>(Options.DefaultName, s_configuration));
        services.AddRoutedChatClient(_ => SpendingFixture.Using(100, 900), _ => SpendingFixture.Using(100, 900), options =>
        {
            options.Threshold = 0;
            options.StrongProfile = options.WeakProfile = new() { Price = new(10, 10) };
            options.Spending = new() { Budgets = { new() { Name = "all", Limit = limit, WhenExhausted = BudgetExhaustion.Refuse } } };
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));

        limit = 0.02m;
        s_configuration.Reload();
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));

        // Limits that cannot be meant are refused, and the old ones hold.
        limit = -1;
        s_configuration.Reload();
        BudgetExceededException error = await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((0.02m, 0.02m), (error.Status.Limit, error.Status.Spent));
    }

    [Fact]
    public void Budgets_without_a_ledger_are_refused_when_the_client_is_made()
    {
        var services = new ServiceCollection();
        services.AddRoutedChatClient(_ => TestChatClient.Answering("a"), _ => TestChatClient.Answering("b"), static options =>
        {
            options.Threshold = 0.5;
            options.Spending = new();
        });
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Contains("AddCostLedger", Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IChatClient>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_of_ones_own_is_used_and_closed_by_the_container_after_the_ledger()
    {
        var store = new ClosableStore();
        await using (ServiceProvider provider = new ServiceCollection().AddCostLedger(_ => store, static options => options.ExpectedOutputTokens = 7).BuildServiceProvider())
        {
            CostLedger ledger = provider.GetRequiredService<CostLedger>();
            Assert.Same(store, ledger.Store);
            Assert.Equal(7, ledger.OutputTokens.Expect("any"));
        }

        Assert.True(store.IsClosed);
    }

    private sealed class ClosableStore : ILedgerStore, IDisposable
    {
        private readonly MemoryLedgerStore _inner = new();

        public bool IsClosed { get; private set; }

        public bool SurvivesRestart => false;

        public ValueTask<LedgerReserveResult> ReserveAsync(LedgerReservation reservation, CancellationToken cancellationToken = default) => _inner.ReserveAsync(reservation, cancellationToken);

        public ValueTask<IReadOnlyList<LedgerBalance>> SettleAsync(LedgerCharge charge, CancellationToken cancellationToken = default) => _inner.SettleAsync(charge, cancellationToken);

        public ValueTask<LedgerBalance> ReadBalanceAsync(LedgerAccount account, CancellationToken cancellationToken = default) => _inner.ReadBalanceAsync(account, cancellationToken);

        public ValueTask<IReadOnlyList<DailySpend>> ReadDailyAsync(DateOnly from, DateOnly to, CancellationToken cancellationToken = default) => _inner.ReadDailyAsync(from, to, cancellationToken);

        public void Dispose() => IsClosed = true;
    }
}
