using System.Globalization;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Splits;

public class TrafficSplitTests
{
    private static readonly string[] s_keys = [.. Enumerable.Range(0, 10_000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"user-{i}"))];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Keys_are_spread_by_weight()
    {
        var split = new TrafficSplit { Variants = [new() { Name = "a", Weight = 7 }, new() { Name = "none", Weight = 0 }, new() { Name = "b", Weight = 3 }] };

        ILookup<string, string> variants = s_keys.ToLookup(key => split.VariantOf(key).Name);

        Assert.InRange(variants["a"].Count(), 6_850, 7_150);
        Assert.InRange(variants["b"].Count(), 2_850, 3_150);
        Assert.Empty(variants["none"]);
    }

    [Fact]
    public void A_key_gets_the_same_variant_in_every_process()
    {
        // Worked out apart from this code: a change would move the users of running tests.
        var split = new TrafficSplit { Name = "experiment", Variants = [new() { Name = "a" }, new() { Name = "b" }] };

        Assert.Equal("baababbbbbbabaaabaab", string.Concat(s_keys.Take(20).Select(key => split.VariantOf(key).Name)));
    }

    [Fact]
    public void Splits_of_other_names_are_independent()
    {
        TrafficSplit one = Of("one"), two = Of("two");

        double both = s_keys.Count(key => one.VariantOf(key).Name == "a" && two.VariantOf(key).Name == "a") / (double)s_keys.Length;

        Assert.InRange(both, 0.235, 0.265);

        static TrafficSplit Of(string name) => new() { Name = name, Variants = [new() { Name = "a" }, new() { Name = "b" }] };
    }

    [Fact]
    public void A_weight_that_grows_moves_only_the_keys_that_it_has_to()
    {
        TrafficSplit before = Of(10), after = Of(20);

        (string Before, string After)[] moved = [.. s_keys.Select(key => (before.VariantOf(key).Name, after.VariantOf(key).Name)).Where(static pair => pair.Item1 != pair.Item2)];

        Assert.All(moved, static pair => Assert.Equal(("control", "new"), pair));
        Assert.InRange(moved.Length, 900, 1_100);

        static TrafficSplit Of(double weight) => new() { Variants = [new() { Name = "new", Weight = weight }, new() { Name = "control", Weight = 100 - weight }] };
    }

    [Fact]
    public async Task A_variant_has_a_threshold_a_router_or_a_policy_of_its_own_and_the_control_has_none()
    {
        IRouterRegistry routers = new RouterRegistry().Add("other", new FakeRouter(0.9));
        RoutedChatClient? client = null;
        var options = new TwoModelRoutingOptions
        {
            Threshold = 0.5,
            Routers = routers,
            Split = new()
            {
                Key = static request => request.Tenant,
                Variants =
                [
                    new() { Name = "control" },
                    new() { Name = "low", Threshold = 0.1 },
                    new() { Name = "shifted", ThresholdShift = -0.45 },
                    new() { Name = "other", Router = "other", Threshold = 0.8 },
                    new() { Name = "policy", Policy = new StrongPolicy(() => client!) },
                ],
            },
        };
        using (client = new RoutedChatClient(TestChatClient.Answering("s"), TestChatClient.Answering("w"), FakeRouter.ReadingPrompts(), options))
        {
            Assert.Equal(("weak", 0.5, "fake", "threshold"), await DecideAsync("control"));
            Assert.Equal(("strong", 0.1, "fake", "threshold"), await DecideAsync("low"));
            (string route, double? threshold, _, _) = await DecideAsync("shifted");
            Assert.Equal(("strong", 0.05), (route, Math.Round(threshold!.Value, 12)));
            Assert.Equal(("strong", 0.8, "other", "threshold"), await DecideAsync("other"));
            Assert.Equal(("strong", null, null, "mine"), await DecideAsync("policy"));

            // What a request asks for itself comes first.
            Assert.Equal(("weak", 0.3, "fake", "threshold"), await DecideAsync("low", static chat => chat.SetRoutingThreshold(0.3)));
            Assert.Equal(("weak", null, null, "pinned"), await DecideAsync("low", static chat => chat.SetRoute("weak")));
        }

        async Task<(string Route, double? Threshold, string? Router, string Reason)> DecideAsync(string variant, Action<ChatOptions>? configure = null)
        {
            string key = s_keys.First(key => options.Split!.VariantOf(key).Name == variant);
            var chat = new ChatOptions().SetRoutingTenant(key);
            configure?.Invoke(chat);
            RouteOutcome outcome = (await client.GetResponseAsync("0.2", chat, Cancel)).GetRouteOutcome()!;
            Assert.Equal(outcome.Reason == RouteReasons.Pinned ? [] : [new DecisionStep("split", $"split: {variant}")], outcome.Steps);
            return (outcome.Route, outcome.Threshold, outcome.Router, outcome.Reason);
        }
    }

    [Fact]
    public async Task The_usual_key_is_the_user_then_the_tenant_the_conversation_and_the_prompt()
    {
        var observer = new RecordingObserver();
        var options = new TwoModelRoutingOptions { Threshold = 0.5, Split = new() { Variants = [new() { Name = "a" }, new() { Name = "b" }] } };
        options.Observers.Add(observer);
        using var client = new RoutedChatClient(TestChatClient.Answering("s"), TestChatClient.Answering("w"), FakeRouter.ReadingPrompts(), options);
        string a = s_keys.First(key => options.Split.VariantOf(key).Name == "a"), b = s_keys.First(key => options.Split.VariantOf(key).Name == "b");

        await client.GetResponseAsync("0.1", new ChatOptions().SetRoutingUser(a).SetRoutingTenant(b), Cancel);
        await client.GetResponseAsync("0.1", new ChatOptions().SetRoutingTenant(a).SetRoutingConversation(b), Cancel);
        await client.GetResponseAsync("0.1", new ChatOptions().SetRoutingConversation(b), Cancel);
        await client.GetResponseAsync("0.1", cancellationToken: Cancel);
        await client.GetResponseAsync("0.1", cancellationToken: Cancel);

        Assert.Equal(["a", "a", "b"], observer.Records.Take(3).Select(static record => record.Decision.Variant));
        Assert.All(observer.Records.Skip(3), record => Assert.Equal(options.Split.VariantOf("0.1").Name, record.Decision.Variant));
    }

    [Fact]
    public void A_wrong_split_is_refused_with_what_to_change()
    {
        var split = new TrafficSplit
        {
            Variants =
            [
                new() { Name = "a", Weight = -1, Threshold = 2 },
                new() { Name = "a", Threshold = 0.5, StrongShare = 0.5 },
                new() { Weight = 0, Router = "unheard-of", ThresholdShift = 2 },
            ],
        };

        ArgumentException error = Assert.Throws<ArgumentException>(() => new RoutedChatClient(TestChatClient.Answering("s"), TestChatClient.Answering("w"), new FakeRouter(0), new() { Threshold = 0.5, Split = split }));

        Assert.All(
            ["two variants named 'a'", "a Weight of -1", "a Threshold of 2", "both a Threshold and a StrongShare", "has no name", "the router 'unheard-of', which there is not", "a ThresholdShift of 2"],
            part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.Contains("no variant with a weight", Assert.Throws<ArgumentException>(() => new RoutedChatClient(TestChatClient.Answering("s"), TestChatClient.Answering("w"), new FakeRouter(0), new() { Threshold = 0.5, Split = new() })).Message, StringComparison.Ordinal);
    }

    private sealed class StrongPolicy(Func<RoutedChatClient> client) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
            new(new RouteDecision([new ModelRoute("strong", client().GetService<IChatClient>("strong")!)], "mine"));
    }
}
