using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Constraints;

/// <summary>Which routes can take a request, before any is preferred.</summary>
public class ConstraintTests
{
    private static readonly byte[] s_bytes = [1, 2, 3];

    public static TheoryData<string, ChatMessage, ChatOptions?> Needs => new()
    {
        { "tools", new(ChatRole.User, "x"), new() { Tools = [AIFunctionFactory.Create(() => 1, "one")] } },
        { "tools", new(ChatRole.Tool, [new FunctionResultContent("a call made elsewhere", 1)]), null },
        { "vision", new(ChatRole.User, [new DataContent(s_bytes, "image/png")]), null },
        { "vision", new(ChatRole.User, [new TextContent("x"), new UriContent("https://example.com/a.jpg", "image/jpeg")]), null },
        { "audio", new(ChatRole.User, [new DataContent(s_bytes, "audio/wav")]), null },
        { "structured-output", new(ChatRole.User, "x"), new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("{}")) } },
        { "reasoning", new(ChatRole.User, "x"), new() { Reasoning = new() { Effort = ReasoningEffort.High } } },
    };

    [Theory]
    [MemberData(nameof(Needs), DisableDiscoveryEnumeration = true)]
    public async Task What_a_request_needs_removes_the_models_that_cannot_and_the_router_is_not_asked_about_one(string cause, ChatMessage message, ChatOptions? options)
    {
        IChatClient client = Client(new FakeRouter((_, _) => throw new InvalidOperationException("asked")), strong: new() { Abilities = (ModelAbilities)31 }, weak: new() { Abilities = ModelAbilities.None });

        RouteOutcome outcome = (await client.GetResponseAsync([message], options, TestContext.Current.CancellationToken)).GetRouteOutcome()!;

        Assert.Equal(("strong", RouteReasons.OnlyCandidate), (outcome.Route, outcome.Reason));
        Assert.Equal(("weak", cause), (Assert.Single(outcome.Skips).Route, outcome.Skips[0].Cause));
    }

    [Fact]
    public async Task Text_alone_needs_nothing()
    {
        IChatClient client = Client(new FakeRouter(0), strong: new() { Abilities = (ModelAbilities)31 }, weak: new() { Abilities = ModelAbilities.None });

        RouteOutcome outcome = (await client.GetResponseAsync("x", new() { ResponseFormat = ChatResponseFormat.Json, ToolMode = ChatToolMode.None }, TestContext.Current.CancellationToken)).GetRouteOutcome()!;

        Assert.Equal("weak", outcome.Route);
        Assert.Empty(outcome.Skips);
    }

    [Theory]
    [InlineData(10, null, "weak")]
    [InlineData(10, 80, "weak")]
    [InlineData(10, 81, "strong")]
    [InlineData(91, 10, "strong")]
    public async Task A_request_and_its_answer_fit_in_the_window(int words, int? answer, string route)
    {
        IChatClient client = Client(new FakeRouter(0), weak: new() { ContextWindow = 10 + 4 + 80 }, counter: TokenCounter.Create(text => text.Split(' ').Length));

        ChatResponse response = await client.GetResponseAsync(string.Join(' ', Enumerable.Repeat("x", words)), new() { MaxOutputTokens = answer }, TestContext.Current.CancellationToken);

        Assert.Equal(route, response.GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task Where_none_can_the_error_says_which_constraint_removed_which_route()
    {
        IChatClient client = Client(new FakeRouter(0), strong: new() { ContextWindow = 3 }, weak: new() { Abilities = ModelAbilities.Audio });

        NoRouteAvailableException error = await Assert.ThrowsAsync<NoRouteAvailableException>(() =>
            client.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent(s_bytes, "image/png")])], cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal([("strong", "context-window"), ("weak", "vision")], error.Skips.Select(skip => (skip.Route, skip.Cause)));
        Assert.Contains("weak: vision (the request has images, and the model sees none)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_fails_over_to_a_route_that_cannot()
    {
        var router = new FakeRouter(1);
        var options = new TwoModelRoutingOptions { Threshold = 0.5, WeakProfile = new() { Abilities = ModelAbilities.None } };
        TestChatClient weak = TestChatClient.Answering("weak");
        IChatClient client = new RoutedChatClient(TestChatClient.Failing(new HttpRequestException()), weak, router, options);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetResponseAsync("x", new() { Tools = [AIFunctionFactory.Create(() => 1, "one")] }, TestContext.Current.CancellationToken));
        Assert.Empty(weak.Calls);
    }

    [Fact]
    public async Task A_pin_that_a_constraint_forbids_is_an_error_that_says_so()
    {
        IChatClient client = Client(new FakeRouter(0), weak: new() { Abilities = ModelAbilities.None });

        NoRouteAvailableException error = await Assert.ThrowsAsync<NoRouteAvailableException>(() =>
            client.GetResponseAsync("x", new() { ModelId = "weak", Tools = [AIFunctionFactory.Create(() => 1, "one")] }, TestContext.Current.CancellationToken));

        Assert.Equal([("weak", "tools"), ("strong", "pinned")], error.Skips.Select(skip => (skip.Route, skip.Cause)));
        Assert.Equal("strong", (await client.GetResponseAsync("x", new() { ModelId = "strong", Tools = [AIFunctionFactory.Create(() => 1, "one")] }, TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task Among_several_that_can_the_policy_decides_as_usual()
    {
        ModelRoute[] routes =
        [
            new("a", TestChatClient.Answering("a")) { Profile = new() { Region = "us" } },
            new("b", TestChatClient.Answering("b")) { Profile = new() { Region = "eu" } },
            new("c", TestChatClient.Answering("c")) { Profile = new() { Region = "eu" } },
        ];
        var options = new RoutedChatClientOptions { Constraints = { RouteConstraint.Create("region", (_, route) => route.Profile.Region == "eu" ? null : $"it runs in {route.Profile.Region}") } };
        var client = new RoutedChatClient(routes, new LadderPolicy(routes, [0.8, 0.4], FakeRouter.ReadingPrompts()), options);

        RouteOutcome strongest = (await client.GetResponseAsync("0.9", cancellationToken: TestContext.Current.CancellationToken)).GetRouteOutcome()!;
        RouteOutcome weakest = (await client.GetResponseAsync("0.1", cancellationToken: TestContext.Current.CancellationToken)).GetRouteOutcome()!;

        Assert.Equal(("b", "c"), (strongest.Route, weakest.Route));
        Assert.Equal((0.9, "a"), (strongest.WinProbability, Assert.Single(strongest.Skips).Route));
    }

    private static RoutedChatClient Client(IRouter router, ModelProfile? strong = null, ModelProfile? weak = null, TokenCounter? counter = null) => new(
        TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), router,
        new TwoModelRoutingOptions { Threshold = 0.5, StrongProfile = strong ?? new(), WeakProfile = weak ?? new(), TokenCounter = counter ?? TokenCounter.Estimate });
}
