using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.DependencyInjection;

/// <summary>Deployments, budgets, splits and observers as configurations hold them, and what is said of values that are wrong.</summary>
public class FeatureConfigurationTests
{
    private static readonly (string Key, string Value)[] s_good =
    [
        ("Routes:0:Name", "big"), ("Routes:0:Price:Input", "10"), ("Routes:0:Price:Output", "10"), ("Routes:0:Deployments:0:Name", "a"), ("Routes:0:Deployments:1:Name", "b"), ("Routes:1:Name", "small"),
        ("Policy:Router", "fake"), ("Policy:Threshold", "0.5"), ("Spending:Budgets:0:Name", "all"), ("Spending:Budgets:0:Limit", "5"), ("Split:Variants:0:Name", "control"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Budgets_are_read_with_all_they_have()
    {
        SpendingOptions spending = (await ReadAsync(
            ("Spending:WhenStoreDown", "Closed"), ("Spending:ReserveMaximum", "true"), ("Spending:Budgets:0:Period", "sliding"), ("Spending:Budgets:0:Window", "06:00:00"), ("Spending:Budgets:0:Route", "big"),
            ("Spending:Budgets:0:Tenant", "*"), ("Spending:Budgets:0:User", "kim"), ("Spending:Budgets:0:WarnShare", "0.7"), ("Spending:Budgets:0:RaiseFrom", "0.6"), ("Spending:Budgets:0:WhenExhausted", "Refuse"),
            ("Spending:Budgets:1:Name", "month"), ("Spending:Budgets:1:Limit", "500.50"))).Spending!;

        Assert.Equal((StoreFailureMode.Closed, true), (spending.WhenStoreDown, spending.ReserveMaximum));
        Assert.NotNull(spending.Ledger);
        Budget all = spending.Budgets[0], month = spending.Budgets[1];
        Assert.Equal(("all", 5m, BudgetPeriod.Sliding, TimeSpan.FromHours(6), "big", Budget.Each, "kim"), (all.Name, all.Limit, all.Period, all.Window, all.Route, all.Tenant, all.User));
        Assert.Equal((0.7, 0.6, BudgetExhaustion.Refuse), (all.WarnShare, all.RaiseFrom, all.WhenExhausted));
        Assert.Equal(("month", 500.50m, BudgetPeriod.Month, null, 0.8), (month.Name, month.Limit, month.Period, month.Tenant, month.WarnShare));
    }

    [Fact]
    public async Task A_split_is_read_with_all_its_variants_have()
    {
        TrafficSplit split = (await ReadAsync(
            ("Split:Name", "spring"), ("Split:Variants:0:Weight", "3"), ("Split:Variants:1:Name", "shifted"), ("Split:Variants:1:ThresholdShift", "-0.1"),
            ("Split:Variants:2:Name", "other"), ("Split:Variants:2:Router", "fake"), ("Split:Variants:2:StrongShare", "0.2"), ("Split:Variants:3:Name", "fixed"), ("Split:Variants:3:Threshold", "0.4"))).Split!;

        Assert.Equal("spring", split.Name);
        Assert.Equal(
            [("control", 3, null, null, null, 0), ("shifted", 1, null, null, null, -0.1), ("other", 1, null, 0.2, "fake", 0), ("fixed", 1, 0.4, null, null, 0)],
            split.Variants.Select(variant => (variant.Name, variant.Weight, variant.Threshold, variant.StrongShare, variant.Router, variant.ThresholdShift)));
    }

    [Fact]
    public async Task Deployments_are_read_and_share_the_calls_of_their_route()
    {
        await using ServiceProvider provider = Build(("Routes:0:ModelId", "model"), ("Routes:0:Deployments:0:Weight", "3"), ("Routes:0:Deployments:0:Region", "north"), ("Routes:0:Deployments:1:ClientKey", "c"), ("Routes:0:Deployments:1:ModelId", "own"));
        ModelRouteOptions big = provider.GetRequiredService<IOptions<MultiModelRoutingOptions>>().Value.Routes[0];
        Assert.Equal([("a", null, 3, "north", null), ("b", "c", 1, null, "own")], big.Deployments.Select(known => (known.Name, known.ClientKey, known.Weight, known.Region, known.ModelId)));

        IChatClient client = provider.GetRequiredService<IChatClient>();
        List<string> answers = [];
        for (int i = 0; i < 8; i++)
        {
            ChatResponse response = await client.GetResponseAsync("0.9", cancellationToken: Cancel);
            answers.Add($"{response.Text} {response.GetRouteOutcome()!.Deployment} {response.GetRouteOutcome()!.ModelId}");
        }

        Assert.Equal((6, 2), (answers.Count(answer => answer == "from a a model"), answers.Count(answer => answer == "from c b own")));
    }

    [Theory]
    [InlineData("Routes:0:Deployments:0:Weight", "0", "has a Weight of 0")]
    [InlineData("Routes:0:Deployments:0:Weight", "heavy", "Routing:Routes:0:Deployments:0:Weight is 'heavy'")]
    [InlineData("Routes:0:Deployments:0:Wieght", "1", "Routing:Routes:0:Deployments:0:Wieght, which nothing reads")]
    [InlineData("Routes:0:Deployments:0:ClientKey", "nobody", "under the key \"nobody\" for the deployment 'a' of the route 'big'")]
    [InlineData("Routes:0:Deployments:2:Region", "west", "Routing:Routes:0:Deployments:2:Name")]
    [InlineData("Routes:0:Deployments:1:Name", "a", "Routing:Routes:0:Deployments:1:Name is 'a', but a name that no other")]
    [InlineData("Routes:1:Name", "big", "Routing:Routes:1:Name is 'big', but a name that no other")]
    [InlineData("Routes:0:ClientKey", "a", "has Deployments, and a Client")]
    [InlineData("Spending:Budgets:0:Limit", "-1", "Routing:Spending:Budgets:0:Limit is '-1', but an amount of USD")]
    [InlineData("Spending:Budgets:0:Limit", "0", "The budget 'all' has a Limit of 0")]
    [InlineData("Spending:Budgets:0:Limt", "5", "Routing:Spending:Budgets:0:Limt, which nothing reads")]
    [InlineData("Spending:Budgets:0:Period", "Week", "Routing:Spending:Budgets:0:Period is 'Week', but Month or Day or Sliding")]
    [InlineData("Spending:Budgets:0:Window", "7", "Routing:Spending:Budgets:0:Window is '7', but a time such as")]
    [InlineData("Spending:Budgets:0:WarnShare", "80", "WarnShare of 80")]
    [InlineData("Spending:Budgets:0:Route", "moon", "no route 'moon', which the budget 'all' names")]
    [InlineData("Spending:Budgets:1:Limit", "5", "Routing:Spending:Budgets:1:Name")]
    [InlineData("Spending:Budgets:1:Name", "second", "Routing:Spending:Budgets:1:Limit")]
    [InlineData("Spending:WhenStoreDown", "Perhaps", "Routing:Spending:WhenStoreDown is 'Perhaps'")]
    [InlineData("Spending", "yes", "Routing:Spending is 'yes', but a section is expected")]
    [InlineData("Spendin:ReserveMaximum", "true", "Routing:Spendin, which nothing reads")]
    [InlineData("Resilience:Routes:0:Name", "moon", "no route 'moon', which Resilience.Routes names")]
    [InlineData("Resilience:MaxAttempts", "some", "Routing:Resilience:MaxAttempts is 'some'")]
    [InlineData("Rules:0:Route", "moon", "no route 'moon', which a rule names")]
    [InlineData("Rules:0:Keyword", "x", "Routing:Rules:0:Keyword, which nothing reads")]
    [InlineData("TenantThresholds:acme", "many", "Routing:TenantThresholds:acme is 'many'")]
    [InlineData("Safety:OnFailure", "Maybe", "Routing:Safety:OnFailure is 'Maybe'")]
    [InlineData("Safety:Pi", "true", "Routing:Safety:Pi, which nothing reads")]
    [InlineData("Safety:Rules:0:Acton", "Refuse", "Routing:Safety:Rules:0:Acton, which nothing reads")]
    [InlineData("Split:Variants:0:Weight", "heavy", "Routing:Split:Variants:0:Weight is 'heavy'")]
    [InlineData("Split:Variants:0:Router", "unknown", "asks for the router 'unknown'")]
    [InlineData("Split:Variants:1:Weight", "1", "Routing:Split:Variants:1:Name")]
    public async Task A_wrong_value_is_named_with_its_path_and_what_is_expected(string key, string value, string expected)
    {
        await using ServiceProvider provider = Build((key, value));
        Exception error = Assert.ThrowsAny<Exception>(() => provider.GetRequiredService<IChatClient>());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_log_and_a_shadow_are_configured()
    {
        string folder = Directory.CreateTempSubdirectory("routellm-config-").FullName;
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Log:Path", Path.Combine(folder, "log.jsonl")), new("Log:MaxFileBytes", "5000000000"), new("Log:RetainedFiles", "3"), new("Log:IncludePrompts", "false"), new("Log:RetryDelay", "00:00:02"), new("Log:FlushToDisk", "true"), new("Log:Capacity", "9"), new("Log:PromptKeySecret", "secret"),
            new("Shadow:Router", "fake"), new("Shadow:Threshold", "0.95"), new("Shadow:SampleShare", "1"), new("Shadow:Capacity", "9"), new("Shadow:MaxConcurrency", "2"), new("Shadow:Timeout", "00:00:05"), new("Shadow:Seed", "7"),
        ]).Build();
        await using (ServiceProvider provider = Build([], services => services.AddRoutingDecisionLog(configuration.GetSection("Log")).AddRoutingShadow("higher", configuration.GetSection("Shadow"))))
        {
            await provider.GetRequiredService<IChatClient>().GetResponseAsync("0.9", cancellationToken: Cancel);
            ShadowRouting shadow = provider.GetRequiredKeyedService<ShadowRouting>("higher");
            await shadow.FlushAsync(Cancel);
            Assert.Equal((1, 1), (shadow.Measure().Compared, shadow.Measure().MovedDown));
        }

        Assert.Single(File.ReadAllLines(Assert.Single(Directory.GetFiles(folder))));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("Log:Pth", "x", "Log:Pth, which nothing reads")]
    [InlineData("Log:Path", "", "no value Log:Path")]
    [InlineData("Log:MaxFileBytes", "-5", "Log:MaxFileBytes is '-5'")]
    [InlineData("Shadow:Threshold", "", "no value Shadow:Threshold")]
    [InlineData("Shadow:Router", "unknown", "no router named 'unknown'")]
    [InlineData("Shadow:Sample", "1", "Shadow:Sample, which nothing reads")]
    public async Task An_observer_that_is_configured_wrongly_fails_the_client(string key, string value, string expected)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Log:Path", "never/log.jsonl"), new("Shadow:Router", "fake"), new("Shadow:Threshold", "0.5")])
            .AddInMemoryCollection([new(key, value)]).Build();
        await using ServiceProvider provider = Build([], services =>
            _ = key.StartsWith("Log", StringComparison.Ordinal) ? services.AddRoutingDecisionLog(configuration.GetSection("Log")) : services.AddRoutingShadow("higher", configuration.GetSection("Shadow")));
        Assert.Contains(expected, Assert.ThrowsAny<Exception>(() => provider.GetRequiredService<IChatClient>()).Message, StringComparison.Ordinal);
    }

    private static async Task<MultiModelRoutingOptions> ReadAsync(params (string Key, string Value)[] values)
    {
        await using ServiceProvider provider = Build(values);
        return provider.GetRequiredService<IOptions<MultiModelRoutingOptions>>().Value;
    }

    private static ServiceProvider Build(params (string Key, string Value)[] values) => Build(values, static _ => { });

    private static ServiceProvider Build((string Key, string Value)[] values, Action<IServiceCollection> configure)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(s_good.Concat(values).GroupBy(pair => pair.Key).Select(pairs => KeyValuePair.Create<string, string?>($"Routing:{pairs.Key}", pairs.Last().Value))).Build();
        var services = new ServiceCollection();
        foreach (string key in new[] { "a", "b", "c", "small" })
        {
            services.AddKeyedChatClient(key, TestChatClient.Answering($"from {key}"));
        }

        services.AddRouter("fake", FakeRouter.ReadingPrompts());
        services.AddCostLedger();
        services.AddMultiModelChatClient(configuration.GetSection("Routing"));
        configure(services);
        return services.BuildServiceProvider();
    }
}
