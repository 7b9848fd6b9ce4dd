using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace RouteLLM.Tests.DependencyInjection;

/// <summary>Clients with any number of models, registered by code or configuration, and changed while they run.</summary>
public sealed class MultiModelTests : IDisposable
{
    private readonly TestChatClient _big = TestChatClient.Answering("from big");
    private readonly TestChatClient _middle = TestChatClient.Answering("from middle");
    private readonly TestChatClient _small = TestChatClient.Answering("from small");
    private readonly ListLogger _log = new();
    private readonly ServiceCollection _services = new();
    private ServiceProvider? _provider;

    public MultiModelTests()
    {
        _services.AddSingleton<ILoggerFactory>(_log);
        _services.AddRouter("fake", FakeRouter.ReadingPrompts());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ServiceProvider Provider => _provider ??= _services.BuildServiceProvider(validateScopes: true);

    public void Dispose() => _provider?.Dispose();

    [Fact]
    public async Task Routes_come_from_delegates_and_a_threshold_chooses_between_the_first_and_the_last()
    {
        _services.AddMultiModelChatClient(options =>
        {
            options.AddRoute("big", _ => _big, new ModelProfile { Price = new(3, 15), ContextWindow = 128_000 }, "big-model");
            options.AddRoute("middle", _ => _middle);
            options.AddRoute("small", _ => _small);
            options.Policy = new ThresholdPolicyFactory { Router = "fake", Threshold = 0.5 };
        });
        IChatClient client = Provider.GetRequiredService<IChatClient>();

        Assert.Equal(["big", "small"], [await Ask(client, "0.9"), await Ask(client, "0.1")]);
        Assert.Equal("big-model", _big.Calls[0].Options!.ModelId);
        _small.OnResponse = _big.OnResponse = (_, _, _) => throw new HttpRequestException("down");
        Assert.Equal("middle", await Ask(client, "0.1"));
    }

    [Fact]
    public async Task Any_policy_and_any_two_routes_can_be_chosen()
    {
        void Routes(MultiModelRoutingOptions options)
        {
            options.AddRoute("big", _ => _big);
            options.AddRoute("middle", _ => _middle);
            options.AddRoute("small", _ => _small);
        }

        _services.AddMultiModelChatClient(options =>
        {
            Routes(options);
            options.Policy = new ThresholdPolicyFactory { Router = "fake", Threshold = 0.5, Strong = "middle" };
        });
        _services.AddKeyedMultiModelChatClient("own", options =>
        {
            Routes(options);
            options.Policy = RoutingPolicyFactory.Create(context => new OnlyPolicy(context.FindRoute("middle")));
        });

        Assert.Equal("middle", await Ask(Provider.GetRequiredService<IChatClient>(), "0.9"));
        Assert.Equal("middle", await Ask(Provider.GetRequiredKeyedService<IChatClient>("own"), "0.1"));
    }

    [Fact]
    public async Task A_configuration_holds_routes_policy_and_features()
    {
        var configuration = new ReloadableConfiguration(
            ("Routing:Routes:0:Name", "big"), ("Routing:Routes:0:ClientKey", "azure"), ("Routing:Routes:0:ModelId", "gpt"), ("Routing:Routes:0:Price:Input", "3"), ("Routing:Routes:0:Price:Output", "15.5"),
            ("Routing:Routes:0:Price:CachedInput", "0.3"), ("Routing:Routes:0:ContextWindow", "128000"), ("Routing:Routes:0:Abilities", "Tools, vision"), ("Routing:Routes:0:Tags:0", "cloud"), ("Routing:Routes:0:Tags:1", "eu"), ("Routing:Routes:0:Region", "west"),
            ("Routing:Routes:1:Name", "small"),
            ("Routing:Policy:Kind", "Threshold"), ("Routing:Policy:Router", "fake"), ("Routing:Policy:Threshold", "0.4"), ("Routing:Policy:RouterTimeout", "00:00:01"), ("Routing:Policy:RouterFallback", "Weak"),
            ("Routing:Conversations:Affinity", "MoveUp"), ("Routing:Conversations:Expiry", "02:00:00"), ("Routing:Conversations:ProviderStateExpiry", "1.00:00:00"), ("Routing:Conversations:StoreTimeout", "00:00:01"), ("Routing:Conversations:StoreRetryAfter", "00:00:02"),
            ("Routing:AdaptiveThreshold:StrongShare", "0.3"), ("Routing:AdaptiveThreshold:MonthlyBudget", "500"), ("Routing:AdaptiveThreshold:Memory", "900"), ("Routing:AdaptiveThreshold:Gain", "0.01"), ("Routing:AdaptiveThreshold:MinimumRequests", "10"),
            ("Routing:FailOver", "false"), ("Routing:PromptSelector", "FollowUpsInContext"));
        _services.AddKeyedChatClient("azure", _big);
        _services.AddKeyedChatClient("small", _small);
        _services.AddMultiModelChatClient(configuration.Root.GetSection("Routing"), options => options.Tenant = (_, _) => "t");

        MultiModelRoutingOptions options = Provider.GetRequiredService<IOptions<MultiModelRoutingOptions>>().Value;
        Assert.Equal(["big", "small"], options.Routes.Select(route => route.Name));
        ModelRouteOptions big = options.Routes[0];
        Assert.Equal(("gpt", 128_000, ModelAbilities.Tools | ModelAbilities.Vision, "west"), (big.ModelId, big.Profile.ContextWindow, big.Profile.Abilities, big.Profile.Region));
        Assert.Equal(new TokenPrice(3, 15.5m, 0.3m), big.Profile.Price);
        Assert.Equal(["cloud", "eu"], big.Profile.Tags);
        var policy = Assert.IsType<ThresholdPolicyFactory>(options.Policy);
        Assert.Equal(("fake", 0.4, TimeSpan.FromSeconds(1), RouterFallback.Weak), (policy.Router, policy.Threshold, policy.RouterTimeout, policy.RouterFallback));
        ConversationOptions conversations = options.Conversations!;
        Assert.Equal((ConversationAffinity.MoveUp, 2, 24, 1, 2), (conversations.Affinity, conversations.Expiry.TotalHours, conversations.ProviderStateExpiry.TotalHours, conversations.StoreTimeout.TotalSeconds, conversations.StoreRetryAfter.TotalSeconds));
        AdaptiveThresholdOptions adaptive = options.AdaptiveThreshold!;
        Assert.Equal((0.3, 500m, 900, 0.01, 10), (adaptive.StrongShare, adaptive.MonthlyBudget, adaptive.Memory, adaptive.Gain, adaptive.MinimumRequests));
        Assert.False(options.FailOver);
        Assert.Same(PromptSelector.FollowUpsInContext, options.PromptSelector);
        Assert.NotNull(options.Tenant);

        Assert.Equal(["big", "small"], [await Ask(Provider.GetRequiredService<IChatClient>(), "0.5"), await Ask(Provider.GetRequiredService<IChatClient>(), "0.1")]);
    }

    [Theory]
    [InlineData("Routes:0:Price:Input", "-1", "an amount of USD")]
    [InlineData("Routes:0:ContextWindow", "many", "a whole number")]
    [InlineData("Routes:0:Abilities", "Tools, Magic", "Vision")]
    [InlineData("Routes:0:Pirce", "1", "which nothing reads")]
    [InlineData("Routes:2:ModelId", "nameless", "the route's name")]
    [InlineData("Policy:Kind", "magic", "threshold")]
    [InlineData("Policy:Threshold", "1.5", "a threshold lies in [0, 1]")]
    [InlineData("Policy:Strong", "unknown", "no route named 'unknown'")]
    [InlineData("Policy:Strong", "small", "both 'small'")]
    [InlineData("Policy:Router", "unknown", "no router named 'unknown'")]
    [InlineData("Policy:Treshold", "0.5", "which nothing reads")]
    [InlineData("Conversations:Affinity", "Sometimes", "MoveUp")]
    [InlineData("Conversations:Expiry", "5", "a time such as")]
    [InlineData("AdaptiveThreshold:Memory", "3", "neither a StrongShare nor a MonthlyBudget")]
    [InlineData("Routes:1:ClientKey", "nobody", "No chat client is registered under the key \"nobody\"")]
    public async Task A_bad_value_fails_the_start_and_is_refused_while_running_with_what_to_change(string key, string bad, string expected)
    {
        (string Key, string? Value)[] good = [("Routes:0:Name", "big"), ("Routes:0:Price:Input", "1"), ("Routes:0:Price:Output", "2"), ("Routes:1:Name", "small"), ("Policy:Router", "fake"), ("Policy:Threshold", "0.5")];
        (string Key, string? Value)[] changed = [.. good.Where(pair => pair.Key != key), (key, bad)];
        var starting = new HostApplicationBuilder();
        Register(starting.Services, new ReloadableConfiguration(changed).Root);
        using (IHost host = starting.Build())
        {
            Exception error = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(Cancel));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }

        var running = new ReloadableConfiguration(good);
        Register(_services, running.Root);
        IChatClient client = Provider.GetRequiredService<IChatClient>();
        running.Change(changed);

        Assert.Equal("small", await Ask(client, "0.4"));
        Assert.Single(_log.Entries, entry => entry is { Level: LogLevel.Error } && entry.Text.Contains("refused", StringComparison.Ordinal));
        running.Change([.. good.Where(pair => pair.Key != "Policy:Threshold"), ("Policy:Threshold", "0.3")]);
        Assert.Equal("big", await Ask(client, "0.4"));
    }

    [Theory]
    [InlineData("ladder", "0.9", "big", "Policy:Thresholds", "0.8, 0.4")]
    [InlineData("ladder", "0.5", "middle", "Policy:Thresholds", "0.8, 0.4")]
    [InlineData("ladder", "0.1", "small", "Policy:Shares", "0.2, 0.3, 0.5")]
    [InlineData("best-value", "any", "middle", "Policy:QualityPerDollar", "100")]
    [InlineData("best-value", "any", "big", "Policy:QualityPerDollar", "0.001")]
    [InlineData("cheapest-above", "any", "big", "Policy:MinQuality", "0.85")]
    [InlineData("cheapest-above", "any", "small", "Policy:MinQuality", "0.3")]
    public async Task A_policy_of_any_kind_is_configured(string kind, string prompt, string route, string key, string value)
    {
        (string Key, string? Value)[] policy = kind == "ladder" ? [("Policy:Router", "fake")] : [("Policy:Predictor", "three"), ("Policy:Aliases:big", "a"), ("Policy:Aliases:middle", "b"), ("Policy:Aliases:small", "c")];
        var configuration = new ReloadableConfiguration([
            .. new[] { ("big", "50"), ("middle", "1"), ("small", "0.5") }.SelectMany((model, i) => new (string, string?)[] { ($"Routes:{i}:Name", model.Item1), ($"Routes:{i}:Price:Input", model.Item2), ($"Routes:{i}:Price:Output", model.Item2) }),
            ("Policy:Kind", kind), (key, value), .. policy]);
        _services.AddKeyedSingleton<IQualityPredictor>("three", new ThreeModels());
        _services.AddKeyedChatClient("big", _big);
        _services.AddKeyedChatClient("middle", _middle);
        _services.AddKeyedChatClient("small", _small);
        _services.AddMultiModelChatClient(configuration.Root);

        Assert.Equal(route, await Ask(Provider.GetRequiredService<IChatClient>(), prompt));
    }

    [Fact]
    public void A_start_without_routes_or_threshold_says_what_to_set()
    {
        _services.AddMultiModelChatClient(_ => { });
        string message = Assert.Throws<OptionsValidationException>(() => Provider.GetRequiredService<IChatClient>()).Message;
        Assert.Contains("There are no Routes", message, StringComparison.Ordinal);
        Assert.Contains("Policy: Neither Threshold nor StrongShare is set", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_prices_and_policy_change_while_running_and_a_route_keeps_its_client_and_middleware()
    {
        int built = 0, made = 0;
        var usage = new UsageDetails { InputTokenCount = 1_000_000, OutputTokenCount = 0 };
        _big.OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "from big")) { Usage = usage });
        var configuration = new ReloadableConfiguration(Values("1", "0.5", "small"));
        _services.AddMultiModelChatClient(configuration.Root, options =>
        {
            options.Route("big").Client = _ => made++ >= 0 ? _big : _big;
            options.Route("big").Middleware = _ => built++;
            foreach (string name in new[] { "small", "middle" })
            {
                if (options.Routes.FirstOrDefault(route => route.Name == name) is { } route)
                {
                    route.Client = _ => name == "small" ? _small : _middle;
                }
            }
        });
        IChatClient client = Provider.GetRequiredService<IChatClient>();
        Assert.Equal(1, (await Outcome(client, "0.9")).Cost);

        configuration.Change(Values("2", "0.5", "small"));
        Assert.Equal(2, (await Outcome(client, "0.9")).Cost);

        configuration.Change(Values("2", "0.95", "middle"));
        Assert.Equal("middle", (await Outcome(client, "0.9")).Route);
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync("0.9", new() { ModelId = "small" }, Cancel));
        Assert.Equal((1, 1), (built, made));

        static (string Key, string? Value)[] Values(string price, string threshold, string weak) =>
            [("Routes:0:Name", "big"), ("Routes:0:Price:Input", price), ("Routes:0:Price:Output", "0"), ("Routes:1:Name", weak), ("Policy:Router", "fake"), ("Policy:Threshold", threshold)];
    }

    [Fact]
    public async Task Reloads_under_load_drop_no_request_and_every_answer_has_the_values_of_one_version()
    {
        (string Key, string? Value)[][] versions =
        [
            [("Routes:0:Name", "big"), ("Routes:1:Name", "small"), ("Policy:Router", "fake"), ("Policy:Threshold", "0.2")],
            [("Routes:0:Name", "big"), ("Routes:1:Name", "middle"), ("Policy:Router", "fake"), ("Policy:Threshold", "0.8")],
            [("Routes:0:Name", "big"), ("Routes:1:Name", "middle"), ("Policy:Router", "fake"), ("Policy:Threshold", "bad")],
        ];
        var configuration = new ReloadableConfiguration(versions[0]);
        _services.AddKeyedChatClient("big", _big);
        _services.AddKeyedChatClient("middle", _middle);
        _services.AddKeyedChatClient("small", _small);
        _services.AddMultiModelChatClient(configuration.Root);
        IChatClient client = Provider.GetRequiredService<IChatClient>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task reloading = Task.Run(
            () =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    configuration.Change(versions[i % versions.Length]);
                }
            },
            Cancel);
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<(string, double?), int>();

        await Parallel.ForAsync(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (_, _) =>
        {
            RouteOutcome outcome = await Outcome(client, "0.5");
            seen.AddOrUpdate((outcome.Route, outcome.Threshold), 1, (_, count) => count + 1);
        });

        await stop.CancelAsync();
        await reloading;
        Assert.Equal(4000, seen.Values.Sum());
        Assert.All(seen.Keys, key => Assert.True(key is ("big", 0.2) or ("middle", 0.8), $"{key}"));
    }

    [Fact]
    public async Task What_a_client_has_learned_outlives_a_change_of_its_configuration()
    {
        var configuration = new ReloadableConfiguration(Values("0.5"));
        _services.AddKeyedChatClient("big", _big);
        _services.AddKeyedChatClient("small", _small);
        _services.AddMultiModelChatClient(configuration.Root);
        IChatClient client = Provider.GetRequiredService<IChatClient>();
        ChatOptions chat = new ChatOptions().SetRoutingConversation("a");
        Assert.Equal("big", (await client.GetResponseAsync("0.9", chat, Cancel)).GetRouteOutcome()!.Route);
        await Ask(client, "0.9");

        configuration.Change(Values("0.6"));

        Assert.Equal(("big", RouteReasons.Conversation), (await client.GetResponseAsync("0.1", chat, Cancel)).GetRouteOutcome() is { } outcome ? (outcome.Route, outcome.Reason) : default);
        Assert.Equal("small", await Ask(client, "0.99"));

        static (string Key, string? Value)[] Values(string threshold) =>
        [
            ("Routes:0:Name", "big"), ("Routes:1:Name", "small"), ("Policy:Router", "fake"), ("Policy:Threshold", threshold), ("Conversations:Affinity", "Stay"),
            ("AdaptiveThreshold:StrongShare", "0"), ("AdaptiveThreshold:MinimumRequests", "2"),
        ];
    }

    [Fact]
    public async Task The_hosts_conversation_store_is_taken()
    {
        var store = new MemoryConversationStore();
        _services.AddSingleton<IConversationStore>(store);
        _services.AddMultiModelChatClient(options =>
        {
            options.AddRoute("big", _ => _big);
            options.AddRoute("small", _ => _small);
            options.Policy = new ThresholdPolicyFactory { Router = "fake", Threshold = 0.5 };
            options.Conversations = new();
        });
        await Provider.GetRequiredService<IChatClient>().GetResponseAsync("0.9", new ChatOptions().SetRoutingConversation("a"), Cancel);

        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void A_client_made_of_itself_is_found_out()
    {
        _services.AddMultiModelChatClient(options =>
        {
            options.AddRoute("big", services => services.GetRequiredService<IChatClient>());
            options.AddRoute("small", _ => _small);
            options.Policy = new ThresholdPolicyFactory { Router = "fake", Threshold = 0.5 };
        });
        Assert.Contains("is made from that client itself", Assert.Throws<InvalidOperationException>(() => Provider.GetRequiredService<IChatClient>()).Message, StringComparison.Ordinal);
    }

    private static async Task<RouteOutcome> Outcome(IChatClient client, string prompt) => (await client.GetResponseAsync(prompt, cancellationToken: Cancel)).GetRouteOutcome()!;

    private static async Task<string> Ask(IChatClient client, string prompt) => (await Outcome(client, prompt)).Route;

    private void Register(IServiceCollection services, IConfiguration configuration)
    {
        services.AddRouter("fake", FakeRouter.ReadingPrompts());
        services.AddKeyedChatClient("big", _big);
        services.AddKeyedChatClient("small", _small);
        services.AddMultiModelChatClient(configuration);
    }

    private sealed class ThreeModels : IQualityPredictor
    {
        public IReadOnlyList<string> Models => ["a", "b", "c"];

        public ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default) => new([0.9, 0.8, 0.4]);
    }

    private sealed class OnlyPolicy(ModelRoute route) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(new RouteDecision([route], "only"));
    }
}
