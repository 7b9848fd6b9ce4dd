using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RouteLLM.Tests.Budgets;

namespace RouteLLM.Tests.DependencyInjection;

/// <summary>Budgets, prices, rules, deployments and resilience that change while the application runs; what is bad is refused and logged, and what was there stays.</summary>
public sealed class FeatureReloadTests : IAsyncDisposable
{
    private readonly Dictionary<string, string?> _values = new()
    {
        ["Routes:0:Name"] = "big", ["Routes:0:Price:Input"] = "10", ["Routes:0:Price:Output"] = "10", ["Routes:1:Name"] = "small", ["Routes:1:Price:Input"] = "1", ["Routes:1:Price:Output"] = "1",
        ["Policy:Router"] = "fake", ["Policy:Threshold"] = "0.5",
    };

    private readonly TestChatClient _big = SpendingFixture.Using(100, 900);
    private readonly TestChatClient _small = SpendingFixture.Using(100, 900);
    private readonly ListLogger _log = new();
    private readonly ReloadableConfiguration _configuration;
    private readonly ServiceProvider _provider;

    public FeatureReloadTests()
    {
        _configuration = new(Pairs());
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(_log);
        services.AddRouter("fake", FakeRouter.ReadingPrompts());
        services.AddCostLedger();
        services.AddKeyedChatClient("big", _big);
        services.AddKeyedChatClient("small", _small);
        services.AddMultiModelChatClient(_configuration.Root, options =>
        {
            foreach (ModelDeploymentOptions deployment in options.Route("big").Deployments)
            {
                deployment.Client = _ => Made(deployment.Name);
            }
        });
        _provider = services.BuildServiceProvider();
        Client = _provider.GetRequiredService<IChatClient>();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IChatClient Client { get; }

    private List<string> MadeClients { get; } = [];

    private int Refused => _log.Entries.Count(entry => entry is { Level: LogLevel.Error } && entry.Text.Contains("refused", StringComparison.Ordinal));

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Fact]
    public async Task Budgets_change_and_what_was_spent_stays_counted()
    {
        Change(("Spending:Budgets:0:Name", "all"), ("Spending:Budgets:0:Limit", "1"), ("Spending:Budgets:0:WhenExhausted", "Refuse"));
        Assert.Equal(0.01m, (await AskAsync("0.9")).Cost);

        Change(("Spending:Budgets:0:Limit", "0.01"));
        Assert.Equal((0.01m, 0.01m), await RefusedAsync());

        Change(("Spending:Budgets:0:Limit", "-5"));
        Assert.Equal((0.01m, 0.01m), await RefusedAsync());
        Change(("Spending:Budgets:0:Limit", "9"), ("Spending:Budgets:0:Route", "moon"));
        Assert.Equal((0.01m, 0.01m), await RefusedAsync());
        Assert.Equal(2, Refused);

        Change(("Spending:Budgets:0:Limit", "1"), ("Spending:Budgets:0:Route", null));
        Assert.Equal("big", (await AskAsync("0.9")).Route);
        Change(("Spending:Budgets:0:Name", null), ("Spending:Budgets:0:Limit", null), ("Spending:Budgets:0:WhenExhausted", null));
        Assert.Equal("big", (await AskAsync("0.9")).Route);

        async Task<(decimal Limit, decimal Spent)> RefusedAsync()
        {
            BudgetStatus status = (await Assert.ThrowsAsync<BudgetExceededException>(() => AskAsync("0.9"))).Status;
            return (status.Limit, status.Spent);
        }
    }

    [Fact]
    public async Task Prices_change()
    {
        Assert.Equal(0.01m, (await AskAsync("0.9")).Cost);
        Change(("Routes:0:Price:Input", "20"), ("Routes:0:Price:Output", "20"));
        Assert.Equal(0.02m, (await AskAsync("0.9")).Cost);
        Change(("Routes:0:Price:Input", "free"));
        Assert.Equal(0.02m, (await AskAsync("0.9")).Cost);
        Assert.Equal(1, Refused);
    }

    [Fact]
    public async Task Rules_change()
    {
        Change(("Rules:0:Name", "polite"), ("Rules:0:Keywords:0", "please"), ("Rules:0:Route", "small"));
        Assert.Equal("small", (await AskAsync("please 0.9")).Route);
        Change(("Rules:0:Route", "moon"));
        Assert.Equal("small", (await AskAsync("please 0.9")).Route);
        Assert.Equal(1, Refused);
        Change(("Rules:0:Route", "big"));
        Assert.Equal("big", (await AskAsync("please 0.1")).Route);
    }

    [Fact]
    public async Task Resilience_changes()
    {
        Func<IEnumerable<ChatMessage>, ChatOptions?, CancellationToken, Task<ChatResponse>> answer = _big.OnResponse;
        int failures = 0;
        _big.OnResponse = (messages, options, token) => failures-- > 0 ? throw new HttpRequestException("busy", null, System.Net.HttpStatusCode.ServiceUnavailable) : answer(messages, options, token);
        Assert.Equal(["big", "small"], await RoutesAsync());

        Change(("Resilience:MaxRetries", "1"), ("Resilience:RetryDelay", "00:00:00"), ("Resilience:Cooldown:Enabled", "false"));
        Assert.Equal(["big", "big"], await RoutesAsync());
        Change(("Resilience:MaxAttempts", "0"));
        Assert.Equal(["big", "big"], await RoutesAsync());
        Assert.Equal(1, Refused);
        Change(("Resilience:MaxAttempts", null), ("Resilience:Routes:0:Name", "big"), ("Resilience:Routes:0:MaxRetries", "0"));
        Assert.Equal(["big", "small"], await RoutesAsync());

        async Task<IEnumerable<string>> RoutesAsync()
        {
            failures = 1;
            return (await AskAsync("0.9")).Attempts.Select(attempt => attempt.Route);
        }
    }

    [Fact]
    public async Task Deployments_come_and_go_and_those_that_stay_keep_their_client()
    {
        Change(("Routes:0:Deployments:0:Name", "a"), ("Routes:0:Deployments:1:Name", "b"));
        Assert.Equal(["a", "b"], await DeploymentsAsync());
        Change(("Routes:0:Deployments:1:Name", "c"), ("Routes:0:Deployments:0:Weight", "0.001"));
        Assert.Contains("c", await DeploymentsAsync());
        Change(("Routes:0:Deployments:1:Name", "a"));
        Assert.Equal(1, Refused);
        Assert.Equal(["a", "b", "c"], MadeClients);
        Change(("Routes:0:Deployments:0:Name", null), ("Routes:0:Deployments:0:Weight", null), ("Routes:0:Deployments:1:Name", null));
        Assert.Null((await AskAsync("0.9")).Deployment);

        async Task<IEnumerable<string?>> DeploymentsAsync() => new[] { (await AskAsync("0.9")).Deployment, (await AskAsync("0.9")).Deployment }.Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_split_changes()
    {
        Change(("Split:Variants:0:Name", "all-strong"), ("Split:Variants:0:Threshold", "0"));
        Assert.Equal("big", (await AskAsync("0.1")).Route);
        Change(("Split:Variants:0:Weight", "0"));
        Assert.Equal("big", (await AskAsync("0.1")).Route);
        Assert.Equal(1, Refused);
        Change(("Split:Variants:0:Weight", null), ("Split:Variants:0:Threshold", "1"));
        Assert.Equal("small", (await AskAsync("0.9")).Route);
    }

    private TestChatClient Made(string name)
    {
        MadeClients.Add(name);
        return SpendingFixture.Using(100, 900);
    }

    private void Change(params (string Key, string? Value)[] changes)
    {
        foreach ((string key, string? value) in changes)
        {
            if (value is null)
            {
                _values.Remove(key);
            }
            else
            {
                _values[key] = value;
            }
        }

        _configuration.Change(Pairs());
    }

    private (string Key, string? Value)[] Pairs() => [.. _values.Select(pair => (pair.Key, pair.Value))];

    private async Task<RouteOutcome> AskAsync(string prompt) => (await Client.GetResponseAsync(prompt, cancellationToken: Cancel)).GetRouteOutcome()!;
}
