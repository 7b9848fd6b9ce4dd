using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Tests;

public class RoutedChatClientTests
{
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong", "big");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak", "small");

    [Theory]
    [InlineData("0.29", "weak")]
    [InlineData("0.3", "strong")]
    [InlineData("0.31", "strong")]
    public async Task Strong_answers_when_the_win_probability_is_at_least_the_threshold(string prompt, string route)
    {
        using RoutedChatClient client = Client(new() { Threshold = 0.3 });

        ChatResponse response = await client.GetResponseAsync(prompt, cancellationToken: Cancel);
        ChatResponse streamed = await client.GetStreamingResponseAsync(prompt, cancellationToken: Cancel).ToChatResponseAsync(Cancel);

        Assert.Equal($"from {route}", response.Text);
        Assert.Equal($"from {route}", streamed.Text);
        foreach (RouteOutcome? outcome in new[] { response.GetRouteOutcome(), streamed.GetRouteOutcome(), response.Messages[0].GetRouteOutcome() })
        {
            Assert.NotNull(outcome);
            Assert.Equal(route, outcome.Route);
            Assert.Equal(route == "strong" ? "big" : "small", outcome.ModelId);
            Assert.Equal("fake", outcome.Router);
            Assert.Equal(0.3, outcome.Threshold);
            Assert.Equal(double.Parse(prompt), outcome.WinProbability);
            Assert.Equal(RouteReasons.Threshold, outcome.Reason);
            Assert.False(outcome.FailedOver);
            Assert.False(outcome.IsReplay);
            Assert.True(outcome.DecisionTime > TimeSpan.Zero);
        }
    }

    [Theory]
    [InlineData(0, "weak")]
    [InlineData(0.29, "weak")]
    [InlineData(0.31, "strong")]
    [InlineData(1, "strong")]
    public async Task A_strong_share_becomes_a_threshold_by_the_routers_own_quantiles(double share, string route)
    {
        using RoutedChatClient client = Client(new() { StrongShare = share });

        Assert.Equal(route, (await client.GetResponseAsync("0.7", cancellationToken: Cancel)).GetRouteOutcome()!.Route);
    }

    [Fact]
    public void A_strong_share_needs_a_router_with_quantiles()
    {
        var error = Assert.Throws<ArgumentException>(() => new RoutedChatClient(_strong, _weak, new FakeRouter(0.5), new() { StrongShare = 0.3 }));
        Assert.Contains("Threshold", error.Message);
        Assert.Contains("fake", error.Message);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(0.3, 0.3)]
    [InlineData(1.01, null)]
    [InlineData(null, -0.01)]
    [InlineData(double.NaN, null)]
    public void Exactly_one_of_threshold_and_share_is_set_and_lies_in_the_unit_interval(double? threshold, double? share) =>
        Assert.Throws<ArgumentException>(() => Client(new() { Threshold = threshold, StrongShare = share }));

    [Fact]
    public async Task Each_attempt_gets_its_own_clone_of_the_options_and_the_callers_stay_as_they_are()
    {
        var options = new ChatOptions { Temperature = 0.5f, AdditionalProperties = new() { ["mine"] = 1 } };
        options.SetRoutingThreshold(0.1);
        _strong.OnResponse = (_, received, _) =>
        {
            received!.Temperature = 9;
            throw new HttpRequestException("down");
        };
        using RoutedChatClient client = new(_strong, _weak, FakeRouter.ReadingPrompts(), new() { Threshold = 0.9, StrongModel = "big-2", WeakModel = "small-2" });

        await client.GetResponseAsync("0.5", options, Cancel);

        ChatOptions toStrong = Assert.Single(_strong.Calls).Options!;
        ChatOptions toWeak = Assert.Single(_weak.Calls).Options!;
        Assert.NotSame(toStrong, toWeak);
        Assert.Equal("big-2", toStrong.ModelId);
        Assert.Equal("small-2", toWeak.ModelId);
        Assert.Equal(0.5f, toWeak.Temperature);
        Assert.Equal(["mine"], toWeak.AdditionalProperties!.Keys);
        Assert.Null(options.ModelId);
        Assert.Equal(0.5f, options.Temperature);
        Assert.Equal(2, options.AdditionalProperties.Count);
    }

    [Fact]
    public async Task A_client_without_a_model_of_its_own_gets_none_and_no_options_where_there_are_none()
    {
        using RoutedChatClient client = Client(new() { Threshold = 0.5 });

        await client.GetResponseAsync("0.7", cancellationToken: Cancel);
        await client.GetResponseAsync("0.7", new() { ModelId = "router-builtin-0" }, Cancel);

        Assert.Null(_strong.Calls[0].Options);
        Assert.Null(_strong.Calls[1].Options!.ModelId);
    }

    [Theory]
    [InlineData(RouterFallback.Strong, "strong")]
    [InlineData(RouterFallback.Weak, "weak")]
    public async Task A_request_without_text_goes_to_the_fallback(RouterFallback fallback, string route)
    {
        using RoutedChatClient client = Client(new() { Threshold = 0.5, RouterFallback = fallback });

        RouteOutcome outcome = (await client.GetResponseAsync(
            new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]), cancellationToken: Cancel)).GetRouteOutcome()!;

        Assert.Equal(route, outcome.Route);
        Assert.Equal(RouteReasons.NoText, outcome.Reason);
        Assert.Null(outcome.WinProbability);
    }

    [Theory]
    [InlineData(RouterFallback.Strong, "strong")]
    [InlineData(RouterFallback.Weak, "weak")]
    public async Task A_router_that_throws_or_gives_no_probability_does_not_keep_the_request_from_being_answered(RouterFallback fallback, string route)
    {
        FakeRouter[] routers =
        [
            new((_, _) => throw new InvalidOperationException("sync")),
            new(async (_, _) => { await Task.Yield(); throw new InvalidOperationException("async"); }),
            new((_, _) => ValueTask.FromException<double>(new TimeoutException("its own"))),
            new((_, _) => ValueTask.FromCanceled<double>(new CancellationToken(true))),
            new(double.NaN), new(-0.1), new(1.1),
        ];
        foreach (FakeRouter router in routers)
        {
            using var client = new RoutedChatClient(_strong, _weak, router, new() { Threshold = 0.5, RouterFallback = fallback });
            RouteOutcome outcome = (await client.GetResponseAsync("hi", cancellationToken: Cancel)).GetRouteOutcome()!;
            Assert.Equal(route, outcome.Route);
            Assert.Equal(RouteReasons.RouterFailed, outcome.Reason);
        }
    }

    [Fact]
    public async Task A_router_that_exceeds_its_time_limit_is_cancelled_and_the_request_answered()
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        CancellationToken routerToken = default;
        var router = new FakeRouter(async (_, cancellationToken) =>
        {
            routerToken = cancellationToken;
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        });
        using var client = new RoutedChatClient(_strong, _weak, router, new() { Threshold = 0.5, RouterTimeout = TimeSpan.FromSeconds(2) }, timeProvider: time);

        Task<ChatResponse> call = client.GetResponseAsync("hi", cancellationToken: Cancel);
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.2));

        RouteOutcome outcome = (await call).GetRouteOutcome()!;
        Assert.Equal("strong", outcome.Route);
        Assert.Equal(RouteReasons.RouterTimedOut, outcome.Reason);
        Assert.True(routerToken.IsCancellationRequested);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1000)]
    [InlineData(50 * 24 * 3600 * 1000.0)]
    public void A_time_limit_for_the_router_is_positive_and_one_that_timers_can_keep(double milliseconds) =>
        Assert.Contains("RouterTimeout", Assert.Throws<ArgumentException>(() => Client(new() { Threshold = 0.5, RouterTimeout = TimeSpan.FromMilliseconds(milliseconds) })).Message);

    [Fact]
    public void It_answers_for_itself_its_metadata_and_by_a_routes_name_for_that_routes_client()
    {
        using RoutedChatClient client = Client(new() { Threshold = 0.5 });
        IChatClient asChatClient = client;

        Assert.Same(client, asChatClient.GetService<RoutedChatClient>());
        Assert.Same(client, asChatClient.GetService<IChatClient>());
        Assert.Equal("routellm", asChatClient.GetService<ChatClientMetadata>()!.ProviderName);
        Assert.Equal("big", asChatClient.GetService<ChatClientMetadata>("strong")!.DefaultModelId);
        Assert.Same(_weak, asChatClient.GetService<TestChatClient>("weak"));
        Assert.Null(asChatClient.GetService<TestChatClient>());
        Assert.Null(asChatClient.GetService<TestChatClient>("other"));
        Assert.Null(client.GetService(typeof(IChatClient), 7));
        Assert.Throws<ArgumentNullException>(() => client.GetService(null!));
    }

    [Fact]
    public void Disposing_disposes_the_clients_that_routes_own_once_each()
    {
        TestChatClient shared = TestChatClient.Answering("shared");
        TestChatClient borrowed = TestChatClient.Answering("borrowed");
        var client = new RoutedChatClient(
            [new("a", shared), new("b", shared), new("c", borrowed) { OwnsClient = false }],
            new ThresholdPolicy(new("a", shared), new("b", shared), new FakeRouter(0.5), new() { Threshold = 0.5 }));

        client.Dispose();
        client.Dispose();

        Assert.Equal(1, shared.DisposeCount);
        Assert.Equal(0, borrowed.DisposeCount);
    }

    [Fact]
    public async Task A_disposed_client_and_null_messages_are_refused()
    {
        RoutedChatClient client = Client(new() { Threshold = 0.5 });
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.GetResponseAsync((IEnumerable<ChatMessage>)null!, cancellationToken: Cancel));
        Assert.Throws<ArgumentNullException>(() => client.GetStreamingResponseAsync((IEnumerable<ChatMessage>)null!, cancellationToken: Cancel));
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("0.5", cancellationToken: Cancel));
        Assert.Throws<ObjectDisposedException>(() => client.GetStreamingResponseAsync("0.5", cancellationToken: Cancel));
    }

    [Fact]
    public void Routes_need_names_of_their_own()
    {
        var policy = new ThresholdPolicy(new("a", _strong), new("b", _weak), new FakeRouter(0.5), new() { Threshold = 0.5 });
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => new RoutedChatClient([new("a", _strong), new("a", _weak)], policy)).Message);
        Assert.Throws<ArgumentException>(() => new RoutedChatClient([], policy));
    }

    [Fact]
    public async Task Any_number_of_routes_follows_any_policy()
    {
        ModelRoute[] routes = [new("a", TestChatClient.Failing(new HttpRequestException("down"))), new("b", TestChatClient.Failing(new TimeoutException())), new("c", _weak)];
        using var client = new RoutedChatClient(routes, new FixedPolicy(new RouteDecision([routes[0], routes[0], routes[1], routes[2]], "mine")));

        RouteOutcome outcome = (await client.GetResponseAsync("hi", cancellationToken: Cancel)).GetRouteOutcome()!;

        Assert.Equal("c", outcome.Route);
        Assert.Equal("mine", outcome.Reason);
        Assert.Equal(["a", "b", "c"], outcome.Attempts.Select(attempt => attempt.Route));
        Assert.Equal([typeof(HttpRequestException).FullName, typeof(TimeoutException).FullName, null], outcome.Attempts.Select(attempt => attempt.ErrorType));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RoutedChatClient Client(TwoModelRoutingOptions options) => new(_strong, _weak, FakeRouter.ReadingPrompts(), options);

    private sealed class FixedPolicy(RouteDecision decision) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(decision);
    }
}
