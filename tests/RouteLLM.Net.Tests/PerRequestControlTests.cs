using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

public class PerRequestControlTests
{
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong", "big");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak", "small");

    [Theory]
    [InlineData("router-fake-0.6", "weak", "fake", 0.6)]
    [InlineData("router-fake-0.5", "strong", "fake", 0.5)]
    [InlineData("router-my-router-0.11593", "strong", "my-router", 0.11593)]
    [InlineData("router-my-router-1", "weak", "my-router", 1.0)]
    [InlineData("router-my-router-.95", "weak", "my-router", 0.95)]
    public async Task A_router_model_id_chooses_router_and_threshold(string modelId, string route, string router, double threshold)
    {
        RouteOutcome outcome = await RouteAsync(new() { ModelId = modelId });

        Assert.Equal((route, router, threshold), (outcome.Route, outcome.Router, outcome.Threshold!.Value));
        Assert.All([.. _strong.Calls, .. _weak.Calls], call => Assert.Null(call.Options!.ModelId));
    }

    [Theory]
    [InlineData("weak", "weak")]
    [InlineData("strong", "strong")]
    [InlineData("small", "weak")]
    [InlineData("big", "strong")]
    public async Task The_name_or_model_of_a_route_pins_it(string modelId, string route)
    {
        RouteOutcome outcome = await RouteAsync(new() { ModelId = modelId });

        Assert.Equal((route, RouteReasons.Pinned), (outcome.Route, outcome.Reason));
        Assert.Null(outcome.WinProbability);
        Assert.Equal(route, (await RouteAsync(new ChatOptions().SetRoute(modelId))).Route);
    }

    [Fact]
    public async Task A_pinned_request_tries_no_other_route()
    {
        _weak.OnResponse = (_, _, _) => throw new HttpRequestException("down");
        await Assert.ThrowsAsync<HttpRequestException>(() => RouteAsync(new() { ModelId = "weak" }));
        Assert.Empty(_strong.Calls);
    }

    [Fact]
    public async Task Extension_methods_set_threshold_share_and_router_for_one_request()
    {
        Assert.Equal("weak", (await RouteAsync(new ChatOptions().SetRoutingThreshold(0.8))).Route);
        Assert.Equal("strong", (await RouteAsync(new ChatOptions().SetStrongShare(0.6))).Route);
        Assert.Equal("weak", (await RouteAsync(new ChatOptions().SetStrongShare(0))).Route);
        RouteOutcome outcome = await RouteAsync(new ChatOptions().SetRouter("my-router").SetRoutingThreshold(0.9));
        Assert.Equal(("strong", "my-router"), (outcome.Route, outcome.Router));
    }

    [Theory]
    [InlineData("router-fake")]
    [InlineData("router-fake-")]
    [InlineData("router--0.5")]
    [InlineData("router-fake-1.01")]
    [InlineData("router-fake--0.1")]
    [InlineData("router-fake-1e-1")]
    [InlineData("router-fake- 0.5")]
    [InlineData("router-fake-0,5")]
    [InlineData("router-fake-０.５")]
    [InlineData("router-fake-nan")]
    [InlineData("router-nobody-0.5")]
    [InlineData("router")]
    [InlineData("gpt-unknown")]
    [InlineData("Router-fake-0.5")]
    public async Task What_is_neither_a_router_nor_a_route_is_refused_and_never_reaches_a_provider(string modelId)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => RouteAsync(new() { ModelId = modelId }));

        Assert.All([$"'{modelId}'", "router-NAME-THRESHOLD", "my-router", "builtin", "mf", "strong (big)", "weak (small)"], part => Assert.Contains(part, error.Message));
        Assert.Empty(_strong.Calls);
        Assert.Empty(_weak.Calls);
    }

    [Fact]
    public async Task Unknown_model_ids_are_ignored_by_option_but_malformed_router_ids_are_not()
    {
        Assert.Equal("strong", (await RouteAsync(new() { ModelId = "gpt-unknown" }, ignoreUnknown: true)).Route);
        await Assert.ThrowsAsync<ArgumentException>(() => RouteAsync(new() { ModelId = "router-fake-x" }, ignoreUnknown: true));
    }

    [Fact]
    public async Task Settings_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatOptions().SetRoutingThreshold(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChatOptions().SetStrongShare(double.NaN));
        await Assert.ThrowsAsync<ArgumentException>(() => RouteAsync(new ChatOptions().SetRoute("nowhere")));
        await Assert.ThrowsAsync<ArgumentException>(() => RouteAsync(new ChatOptions().SetRouter("nobody")));
        await Assert.ThrowsAsync<ArgumentException>(() => RouteAsync(new ChatOptions().SetRoutingThreshold(0.5).SetStrongShare(0.5)));
        await Assert.ThrowsAsync<ArgumentException>(() => RouteAsync(new() { AdditionalProperties = new() { ["routellm.threshold"] = "high" } }));
    }

    private async Task<RouteOutcome> RouteAsync(ChatOptions options, bool ignoreUnknown = false)
    {
        var routers = new RouterRegistry().Add("my-router", new FakeRouter(0.9)).Add("fake", new FakeRouter(0.5));
        using var client = new RoutedChatClient(
            _strong, _weak, new FakeRouter((_, _) => new(0.5), new ScoreQuantiles([0, 1])), new() { Threshold = 0.2, Routers = routers, IgnoreUnknownModelIds = ignoreUnknown });
        return (await client.GetResponseAsync("hello", options, TestContext.Current.CancellationToken)).GetRouteOutcome()!;
    }
}
