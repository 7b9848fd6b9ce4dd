using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RouteLLM.Tests.Rules;

/// <summary>Rules, in order, from code and from configuration.</summary>
public class RulesTests
{
    public static TheoryData<string, RoutingRule, string, string> Conditions => new()
    {
        { "keyword", new() { Keywords = ["lawsuit"] }, "We face a Lawsuit.", "We face lawsuits?" },
        { "pattern", new() { Pattern = @"(?i)\bticket-\d+" }, "see TICKET-42", "see ticket" },
        { "long", new() { MinLength = 3 }, "𝟙𝟚𝟛", "𝟙𝟚" },
        { "short", new() { MaxLength = 2 }, "𝟙𝟚", "𝟙𝟚𝟛" },
        { "language", new() { Languages = ["de", "ja"] }, "Wie ist das Wetter in der Stadt?", "What is the weather in the city?" },
        { "domain", new() { Domains = ["math"] }, "Solve the equation for me", "Say hello to her" },
        { "examples", new() { Examples = ["Write a haiku about the autumn moon", "Compose a sonnet about love"] }, "Write a haiku about the spring rain", "Sum up the quarterly report" },
        { "both", new() { Keywords = ["sum"], MinLength = 10 }, "the sum of all fears", "sum" },
    };

    [Theory]
    [MemberData(nameof(Conditions), DisableDiscoveryEnumeration = true)]
    public async Task A_rule_takes_what_meets_its_conditions_and_nothing_else(string name, RoutingRule rule, string met, string unmet)
    {
        IChatClient client = Client(new() { Rules = { rule with { Name = name, Route = "strong" } } });

        RouteOutcome taken = (await client.GetResponseAsync(met, cancellationToken: TestContext.Current.CancellationToken)).GetRouteOutcome()!;
        RouteOutcome left = (await client.GetResponseAsync(unmet, cancellationToken: TestContext.Current.CancellationToken)).GetRouteOutcome()!;

        Assert.Equal(("strong", RouteReasons.Rule), (taken.Route, taken.Reason));
        Assert.StartsWith($"Rule '{name}': the route 'strong'", Assert.Single(taken.Steps).Detail, StringComparison.Ordinal);
        Assert.Equal(("weak", RouteReasons.Threshold), (left.Route, left.Reason));
        Assert.Empty(left.Steps);
    }

    [Fact]
    public async Task Metadata_tenants_and_users_are_conditions()
    {
        var options = new TwoModelRoutingOptions
        {
            Tenant = (_, _) => "acme",
            Rules =
            {
                new() { Metadata = new Dictionary<string, string> { ["department"] = "legal", ["urgent"] = "true", ["case"] = "*" }, Route = "strong" },
                new() { Tenants = ["other", "acme"], Users = ["kim"], Route = "strong" },
            },
        };
        IChatClient client = Client(options);

        Assert.Equal("strong", await RouteOf(client, new() { AdditionalProperties = new() { ["department"] = "legal", ["urgent"] = true, ["case"] = 7 } }));
        Assert.Equal("weak", await RouteOf(client, new() { AdditionalProperties = new() { ["department"] = "legal", ["urgent"] = true } }));
        Assert.Equal("strong", await RouteOf(client, new ChatOptions().SetRoutingUser("kim")));
        Assert.Equal("weak", await RouteOf(client, new ChatOptions().SetRoutingUser("kim").SetRoutingTenant("nobody")));
    }

    [Fact]
    public async Task Shifts_add_up_until_a_rule_ends_it()
    {
        IChatClient client = Client(new()
        {
            Rules =
            {
                new() { Keywords = ["a"], Shift = -0.1 },
                new() { Keywords = ["b"], Shift = -0.15 },
                new() { Keywords = ["c"], Threshold = 0.9 },
                new() { Keywords = ["a"], Shift = 0.05 },
            },
        });

        Assert.Equal(0.45, (await Ask("a x")).Threshold!.Value, 9);
        Assert.Equal(0.3, (await Ask("a b")).Threshold!.Value, 9);
        Assert.Equal(0.8, (await Ask("a c")).Threshold!.Value, 9);
        Assert.Equal(["Rule 1: a shift of -0.1", "Rule 3: the threshold 0.9"], (await Ask("a c")).Steps.Select(step => step.Detail));

        async Task<RouteOutcome> Ask(string prompt) => (await client.GetResponseAsync(prompt, cancellationToken: TestContext.Current.CancellationToken)).GetRouteOutcome()!;
    }

    [Fact]
    public async Task The_requests_own_threshold_comes_before_the_rules_then_the_users_then_the_tenants()
    {
        IChatClient client = Client(new()
        {
            Rules = { new() { Keywords = ["rule"], Threshold = 0.11 } },
            UserThresholds = { ["kim"] = 0.22 },
            TenantThresholds = { ["acme"] = 0.33 },
        });

        Assert.Equal(0.77, await ThresholdOf("rule", new ChatOptions().SetRoutingThreshold(0.77).SetRoutingUser("kim")));
        Assert.Equal(0.11, await ThresholdOf("rule", new ChatOptions().SetRoutingUser("kim")));
        Assert.Equal(0.22, await ThresholdOf("x", new ChatOptions().SetRoutingUser("kim").SetRoutingTenant("acme")));
        Assert.Equal(0.33, await ThresholdOf("x", new ChatOptions().SetRoutingTenant("acme")));
        Assert.Equal(0.5, await ThresholdOf("x", new ChatOptions().SetRoutingTenant("nobody")));

        async Task<double?> ThresholdOf(string prompt, ChatOptions options) => (await client.GetResponseAsync(prompt, options, TestContext.Current.CancellationToken)).GetRouteOutcome()!.Threshold;
    }

    [Fact]
    public async Task A_pattern_that_runs_away_is_stopped_and_the_request_answered()
    {
        IChatClient client = Client(new() { Rules = { new() { Pattern = "^(a+)+$", PatternTimeout = TimeSpan.FromMilliseconds(5), Route = "strong" } } });

        RouteOutcome outcome = (await client.GetResponseAsync(new string('a', 200) + "!", cancellationToken: TestContext.Current.CancellationToken)).GetRouteOutcome()!;

        Assert.Equal("weak", outcome.Route);
        Assert.Equal("Rule 1: the pattern took longer than 5 ms", Assert.Single(outcome.Steps).Detail);
    }

    [Fact]
    public async Task An_embedder_that_fails_costs_the_rule_not_the_request()
    {
        var embedder = new FailingEmbedder();
        IChatClient client = Client(new() { RuleEmbedder = embedder, Rules = { new() { Examples = ["x"], Route = "strong" }, new() { Keywords = ["y"], Shift = 0.1 } } });

        RouteOutcome outcome = (await client.GetResponseAsync("y", cancellationToken: TestContext.Current.CancellationToken)).GetRouteOutcome()!;

        Assert.Equal(["Rule 1: comparing with its examples failed (HttpRequestException)", "Rule 2: a shift of +0.1"], outcome.Steps.Select(step => step.Detail));
    }

    [Fact]
    public void What_is_no_rule_is_refused_with_what_to_change()
    {
        string message = Assert.Throws<ArgumentException>(() => Client(new()
        {
            Rules = { new() { Route = "strong" }, new() { Name = "x", Pattern = "(", Threshold = 2, Shift = 0 }, new() { Languages = ["xx"], Domains = ["cooking"], Route = "weak" } },
            TenantThresholds = { ["acme"] = -1 },
        })).Message;

        Assert.Contains("Rule 1 has no condition", message, StringComparison.Ordinal);
        Assert.Contains("Rule 'x' is to have exactly one of Route, Threshold and Shift.", message, StringComparison.Ordinal);
        Assert.Contains("no regular expression", message, StringComparison.Ordinal);
        Assert.Contains("the domain 'cooking'", message, StringComparison.Ordinal);
        Assert.Contains("the language 'xx'", message, StringComparison.Ordinal);
        Assert.Contains("'acme' is -1", message, StringComparison.Ordinal);
        Assert.Contains("'moon', which there is not. Routes: strong, weak", Assert.Throws<ArgumentException>(() => Client(new() { Rules = { new() { MinLength = 1, Route = "moon" } } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_thresholds_and_safety_are_read_from_a_configuration_in_their_order()
    {
        TwoModelRoutingOptions options = Read(
            ("Threshold", "0.5"), ("TenantThresholds:acme", "0.2"), ("UserThresholds:kim", "0.1"),
            ("Rules:10:Keywords:0", "last"), ("Rules:10:Shift", "-0.1"),
            ("Rules:2:Name", "legal"), ("Rules:2:Metadata:department", "legal"), ("Rules:2:Route", "strong"), ("Rules:2:Languages", "de"), ("Rules:2:MinLength", "3"), ("Rules:2:PatternTimeout", "00:00:00.010"),
            ("Safety:Pii:0", "email"), ("Safety:PromptInjection", "true"), ("Safety:OnFailure", "allow"), ("Safety:Rules:0:Category", "pii"), ("Safety:Rules:0:Action", "RequireRoute"), ("Safety:Rules:0:Target", "weak"));

        Assert.Equal(["legal", null], options.Rules.Select(rule => rule.Name));
        Assert.Equal(("strong", 3, TimeSpan.FromMilliseconds(10)), (options.Rules[0].Route, options.Rules[0].MinLength, options.Rules[0].PatternTimeout));
        Assert.Equal(["de"], options.Rules[0].Languages);
        Assert.Equal("legal", options.Rules[0].Metadata["department"]);
        Assert.Equal(["last"], options.Rules[1].Keywords);
        Assert.Equal(-0.1, options.Rules[1].Shift);
        Assert.Equal((0.2, 0.1), (options.TenantThresholds["acme"], options.UserThresholds["kim"]));
        Assert.Equal(SafetyFailure.Allow, options.Safety!.OnFailure);
        Assert.Equal(new SafetyRule { Category = "pii", Action = SafetyAction.RequireRoute, Target = "weak" }, Assert.Single(options.Safety.Rules));
        Assert.Equal([typeof(RegexPiiClassifier), typeof(PromptInjectionClassifier)], options.Safety.Classifiers.Select(classifier => classifier.GetType()));
        Assert.Empty(Read(("Threshold", "0.5"), ("Safety:PromptInjection", "false"), ("Safety:Pii", "false")).Safety!.Classifiers);
    }

    [Theory]
    [InlineData("Rules:0:Keyword", "x", "Rules:0:Keyword, which nothing reads")]
    [InlineData("Rules:0:Shift", "much", "Rules:0:Shift is 'much'")]
    [InlineData("Safety:Pii:0", "names", "Safety:Pii is 'names'")]
    [InlineData("Safety:PromptInjection", "maybe", "Safety:PromptInjection is 'maybe'")]
    [InlineData("Safety:Rules:0:Action", "7", "Safety:Rules:0:Action is '7'")]
    public void What_a_configuration_says_wrongly_is_named(string key, string value, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidOperationException>(() => Read(("Threshold", "0.5"), (key, value))).Message, StringComparison.Ordinal);

    private static async Task<string> RouteOf(IChatClient client, ChatOptions options) => (await client.GetResponseAsync("x", options, TestContext.Current.CancellationToken)).GetRouteOutcome()!.Route;

    private static RoutedChatClient Client(TwoModelRoutingOptions options)
    {
        options.Threshold = 0.5;
        return new(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new FakeRouter(0), options);
    }

    private static TwoModelRoutingOptions Read(params (string Key, string? Value)[] values)
    {
        var services = new ServiceCollection();
        IConfigurationRoot configuration = new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => new KeyValuePair<string, string?>(value.Key, value.Value))).Build();
        services.AddKeyedChatClient("strong", TestChatClient.Answering("strong"));
        services.AddKeyedChatClient("weak", TestChatClient.Answering("weak"));
        services.AddRoutedChatClient(configuration);
        return services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<TwoModelRoutingOptions>>().Get(Options.DefaultName);
    }

    private sealed class FailingEmbedder : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromException<GeneratedEmbeddings<Embedding<float>>>(new HttpRequestException());

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
