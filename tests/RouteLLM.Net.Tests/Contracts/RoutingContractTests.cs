using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Contracts;

/// <summary>What holds for any routes and any policy.</summary>
public class RoutingContractTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_policy_that_gives_no_decision_is_named(bool streaming)
    {
        TestChatClient model = TestChatClient.Answering("x");
        using var client = new RoutedChatClient([new("a", model)], new DelegatePolicy(() => null!));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.AskAsync("hi", streaming));

        Assert.Contains(nameof(DelegatePolicy), error.Message);
        Assert.Empty(model.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_policy_that_throws_fails_the_request_with_its_own_exception_and_asks_no_one(bool streaming)
    {
        var error = new HttpRequestException("the policy's own, and not one to fail over for");
        TestChatClient model = TestChatClient.Answering("x");
        using var client = new RoutedChatClient([new("a", model)], new DelegatePolicy(() => throw error));

        Assert.Same(error, await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("hi", streaming)));
        Assert.Empty(model.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_at_the_same_time_fail_over_each_for_itself(bool streaming)
    {
        const int Requests = 32;
        int waiting = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var strong = new TestChatClient
        {
            OnResponse = async (_, _, _) =>
            {
                if (Interlocked.Increment(ref waiting) == Requests)
                {
                    all.SetResult();
                }

                await all.Task;
                throw new HttpRequestException("down");
            },
        };
        var weak = new TestChatClient { OnResponse = (messages, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, $"re {messages.Single().Text}"))) };
        using var client = new RoutedChatClient(strong, weak, new FakeRouter(1), new() { Threshold = 0.5 });

        ChatResponse[] responses = await Task.WhenAll(Enumerable.Range(0, Requests).Select(i => client.AskAsync($"{i}", streaming)));

        Assert.Equal(Enumerable.Range(0, Requests).Select(i => $"re {i}"), responses.Select(response => response.Text));
        Assert.All(responses, response => Assert.Equal(["strong", "weak"], response.GetRouteOutcome()!.Attempts.Select(attempt => attempt.Route)));
        Assert.Equal(Requests, weak.Calls.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_routed_client_can_be_a_route_of_another_and_the_outer_outcome_is_the_one_that_is_read(bool streaming)
    {
        var inner = new RoutedChatClient(TestChatClient.Failing(new HttpRequestException("down")), TestChatClient.Answering("leaf"), new FakeRouter(1), new() { Threshold = 0.5 });
        ModelRoute[] routes = [new("pair", inner), new("spare", TestChatClient.Answering("spare"))];
        using var outer = new RoutedChatClient(routes, new DelegatePolicy(() => new RouteDecision(routes, "mine")));

        ChatResponse response = await outer.AskAsync("hi", streaming);

        Assert.Equal("leaf", response.Text);
        Assert.Equal(("pair", "mine"), (response.GetRouteOutcome()!.Route, response.GetRouteOutcome()!.Reason));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_a_routed_client_within_has_tried_all_its_routes_the_outer_one_goes_on(bool streaming)
    {
        var down = new HttpRequestException("down");
        var inner = new RoutedChatClient(TestChatClient.Failing(down), TestChatClient.Failing(down), new FakeRouter(1), new() { Threshold = 0.5 });
        ModelRoute[] routes = [new("pair", inner), new("spare", TestChatClient.Answering("spare"))];
        using var outer = new RoutedChatClient(routes, new DelegatePolicy(() => new RouteDecision(routes, "mine")));

        ChatResponse response = await outer.AskAsync("hi", streaming);

        Assert.Equal("spare", response.Text);
        Assert.IsType<RoutesFailedException>(response.GetRouteOutcome()!.Attempts[0].Error);
    }

    [Fact]
    public async Task Routes_are_taken_as_they_are_when_the_client_is_made()
    {
        var routes = new List<ModelRoute> { new("a", TestChatClient.Answering("from a")) };
        var policy = new DelegatePolicy(() => throw new NotSupportedException());
        using var client = new RoutedChatClient(routes, policy);
        routes.Clear();

        Assert.Equal("from a", (await client.GetResponseAsync("hi", new() { ModelId = "a" }, Cancel)).Text);
        Assert.NotNull(client.GetService(typeof(IChatClient), "a"));
    }

    [Fact]
    public void Clients_that_claim_to_be_equal_are_each_disposed()
    {
        EqualClient a = new(), b = new();
        new RoutedChatClient(a, b, new FakeRouter(1), new() { Threshold = 0.5 }).Dispose();
        Assert.Equal((1, 1), (a.Disposals, b.Disposals));
    }

    [Fact]
    public void A_client_that_fails_to_be_disposed_does_not_keep_the_other_from_being_disposed()
    {
        var failing = new EqualClient { OnDispose = () => throw new InvalidOperationException("on disposal") };
        var other = new EqualClient();
        var client = new RoutedChatClient(failing, other, new FakeRouter(1), new() { Threshold = 0.5 });

        Assert.ThrowsAny<Exception>(client.Dispose);
        Assert.Equal(1, other.Disposals);
    }

    private sealed class EqualClient : IChatClient
    {
        public int Disposals { get; private set; }

        public Action? OnDispose { get; init; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
            Disposals++;
            OnDispose?.Invoke();
        }

        public override bool Equals(object? obj) => obj is EqualClient;

        public override int GetHashCode() => 0;
    }

    private sealed class DelegatePolicy(Func<RouteDecision> decide) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(decide());
    }
}
