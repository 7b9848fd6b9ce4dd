using Microsoft.Extensions.AI;

namespace RouteLLM.Redis.Tests;

/// <summary>A routed client of two models that answer at once, each call of a cent, within a budget that is never used up.</summary>
internal sealed class BudgetedClient
{
    public const decimal Cost = 0.01m;

    private readonly RoutedChatClient _client;
    private long _calls;

    public BudgetedClient(CostLedger ledger)
    {
        var options = new TwoModelRoutingOptions
        {
            Threshold = 0.5,
            StrongProfile = new() { Price = new(10, 10) },
            WeakProfile = new() { Price = new(10, 10) },
            Spending = new() { Ledger = ledger, Budgets = { new() { Name = "all", Limit = 1_000_000, Period = BudgetPeriod.Sliding, Window = TimeSpan.FromDays(300) } } },
            Tenant = static (_, options) => options?.AdditionalProperties?["tenant"]?.ToString(),
        };
        _client = new(new Model(), new Model(), options);
    }

    /// <summary>Gets the number of answers.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Calls until it is told to stop, and gives what was spent by what the outcomes say.</summary>
    public async Task<decimal> CallUntilAsync(int caller, CancellationToken stop)
    {
        decimal spent = 0;
        while (!stop.IsCancellationRequested)
        {
            spent += await CallAsync(caller, CancellationToken.None);
        }

        return spent;
    }

    public async Task<decimal> CallAsync(int caller, CancellationToken cancellationToken)
    {
        ChatResponse response = await _client.GetResponseAsync("hi", new() { AdditionalProperties = new() { ["tenant"] = $"tenant-{caller}" } }, cancellationToken);
        Interlocked.Increment(ref _calls);
        return response.GetRouteOutcome()!.Cost!.Value;
    }

    public Task WaitForCallsAsync(int more)
    {
        long target = Calls + more;
        return WaitUntilAsync(() => Calls >= target);
    }

    public async Task WaitUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Model : IChatClient
    {
        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, "hello")) { Usage = new() { InputTokenCount = 100, OutputTokenCount = 900 } };
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
