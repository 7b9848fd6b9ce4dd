using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM.Sqlite.Tests;

/// <summary>The README's examples that need this package, as they stand there. They write to the current folder, which is the whole process's.</summary>
[CollectionDefinition(nameof(ReadmeExamples), DisableParallelization = true)]
[Collection(nameof(ReadmeExamples))]
public sealed class ReadmeExamples : IDisposable
{
    private readonly string _before = Environment.CurrentDirectory;
    private readonly SqliteFolder _folder = new();

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        _folder.Dispose();
    }

    [Fact]
    public async Task Stay_within_a_budget()
    {
        Environment.CurrentDirectory = Path.GetDirectoryName(_folder.Ledger)!;
        using IChatClient bigModel = new Model(), smallModel = new Model();
        var builder = new { Services = new ServiceCollection() };

        builder.Services.AddSqliteCostLedger("ledger.db");
        builder.Services.AddRoutedChatClient(sp => bigModel, sp => smallModel, options =>
        {
            options.StrongShare = 0.3;
            options.StrongProfile = new() { Price = new TokenPrice(inputPerMillion: 2, outputPerMillion: 8, cachedInputPerMillion: 0.5m) };
            options.WeakProfile = new() { Price = new TokenPrice(0.4m, 1.6m) };
            options.Tenant = (messages, chatOptions) => chatOptions?.AdditionalProperties?["team"] as string;
            options.Spending = new()
            {
                Budgets =
                {
                    new() { Name = "everything", Limit = 500 },                                                         // a month; then only the weak model
                    new() { Name = "team", Limit = 5, Period = BudgetPeriod.Day, Tenant = Budget.Each, WhenExhausted = BudgetExhaustion.Refuse },
                },
            };
        });

        await using (ServiceProvider services = builder.Services.BuildServiceProvider())
        {
            IChatClient client = services.GetRequiredService<IChatClient>();
            ChatOptions team = new() { AdditionalProperties = new() { ["team"] = "acme" } };
            await client.GetResponseAsync("thanks!", team, TestContext.Current.CancellationToken);
            await client.GetResponseAsync("thanks!", team, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<BudgetExceededException>(() => client.GetResponseAsync("thanks!", team, TestContext.Current.CancellationToken));
        }

        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        DailySpend spent = Assert.Single(SqliteLedgerStore.ReadDaily("ledger.db", today.AddDays(-1), today));
        Assert.Equal(("weak", "acme", 2, 6m), (spent.Route, spent.Tenant, spent.Calls, spent.Cost));
    }

    /// <summary>A model that wants three dollars for an answer of the weak one's price.</summary>
    private sealed class Model : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hello")) { Usage = new() { InputTokenCount = 7_500_000, OutputTokenCount = 0 } });

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
