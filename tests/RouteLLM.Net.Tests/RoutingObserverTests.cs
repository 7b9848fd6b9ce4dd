using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

public class RoutingObserverTests
{
    private static readonly ModelProfile s_priced = new() { Price = new TokenPrice(1, 10) };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_finished_request_is_told_once_with_what_the_provider_says_it_used(bool streaming)
    {
        var observer = new RecordingObserver { WantsResponse = true };
        TestChatClient weak = Counting("four words of answer", new() { InputTokenCount = 1_000_000, OutputTokenCount = 100_000 });
        using RoutedChatClient client = Client(weak, observer);

        ChatResponse response = await AskAsync(client, streaming);

        RouteRecord record = Assert.Single(observer.Records);
        Assert.Equal(RouteAttemptStatus.Answered, record.Status);
        Assert.Equal(2m, record.Cost);
        Assert.False(record.IsUsageEstimated);
        Assert.Equal("four words of answer", record.Response!.Text);
        Assert.Same(response.GetRouteOutcome(), record.Outcome);
        Assert.Equal(2m, record.Outcome!.Cost);
        Assert.Equal("acme", record.Request.Tenant);
        Assert.NotNull(record.TimeToFirstUpdate);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_a_provider_is_silent_the_usage_is_estimated_and_said_to_be(bool streaming)
    {
        var observer = new RecordingObserver();
        using RoutedChatClient client = Client(TestChatClient.Answering("twelve chars"), observer);

        await AskAsync(client, streaming);

        RouteRecord record = Assert.Single(observer.Records);
        Assert.True(record.IsUsageEstimated);
        Assert.Equal(3, record.Usage!.OutputTokenCount);
        Assert.Equal(record.Request.InputTokens, record.Usage.InputTokenCount);
        Assert.Null(record.Response);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_request_is_told_with_its_error_and_costs_nothing(bool streaming)
    {
        var observer = new RecordingObserver();
        var error = new HttpRequestException("down");
        using RoutedChatClient client = Client(TestChatClient.Failing(error), observer, TestChatClient.Failing(error));

        RoutesFailedException thrown = await Assert.ThrowsAsync<RoutesFailedException>(() => AskAsync(client, streaming));

        RouteRecord record = Assert.Single(observer.Records);
        Assert.Equal(RouteAttemptStatus.Failed, record.Status);
        Assert.Same(thrown, record.Error);
        Assert.Equal(2, record.Attempts.Count);
        Assert.Equal(0m, record.Cost);
        Assert.Null(record.Outcome);
    }

    [Fact]
    public async Task A_stream_that_its_reader_leaves_is_told_as_cancelled_with_what_it_gave_until_then()
    {
        var observer = new RecordingObserver();
        using RoutedChatClient client = Client(TestChatClient.Answering("one two three"), observer);

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hello", cancellationToken: TestContext.Current.CancellationToken))
        {
            break;
        }

        RouteRecord record = Assert.Single(observer.Records);
        Assert.Equal(RouteAttemptStatus.Cancelled, record.Status);
        Assert.Equal(1, record.Usage!.OutputTokenCount);
        Assert.NotNull(record.Outcome);
    }

    [Fact]
    public async Task A_cancelled_request_is_told_as_cancelled()
    {
        var observer = new RecordingObserver();
        using var cancellation = new CancellationTokenSource();
        var hanging = new TestChatClient { OnResponse = async (_, _, token) => { await cancellation.CancelAsync(); await Task.Delay(Timeout.Infinite, token); return null!; } };
        using RoutedChatClient client = Client(hanging, observer);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("hello", cancellationToken: cancellation.Token));

        RouteRecord record = Assert.Single(observer.Records);
        Assert.Equal(RouteAttemptStatus.Cancelled, record.Status);
        Assert.Null(record.Usage);
    }

    [Fact]
    public async Task An_observer_that_throws_disturbs_neither_the_request_nor_the_other_observers()
    {
        var observer = new RecordingObserver();
        var options = new TwoModelRoutingOptions { Threshold = 0.5 };
        options.Observers.Add(new ThrowingObserver());
        options.Observers.Add(observer);
        var logger = new ListLogger();
        using var client = new RoutedChatClient(TestChatClient.Answering("a"), TestChatClient.Answering("b"), new FakeRouter(0), options, logger);

        ChatResponse response = await client.GetResponseAsync("hello", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("b", response.Text);
        Assert.Single(observer.Records);
        Assert.Contains(logger.Entries, entry => entry.Text.Contains(nameof(ThrowingObserver), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_of_a_routes_own_cache_is_told_apart_and_costs_nothing(bool streaming)
    {
        var observer = new RecordingObserver();
        TestChatClient model = Counting("cached", new() { InputTokenCount = 1_000, OutputTokenCount = 1_000 });
        ChatResponse? kept = null;
        ModelRoute route = new("only", model, pipeline => pipeline.Use(
            async (messages, options, inner, token) => kept ??= await inner.GetResponseAsync(messages, options, token),
            (messages, options, inner, token) => Replay(messages, options, inner, token)))
        { Profile = s_priced };
        var clientOptions = new RoutedChatClientOptions();
        clientOptions.Observers.Add(observer);
        using var client = new RoutedChatClient([route], new OnePolicy(route), clientOptions);

        ChatResponse first = await AskAsync(client, streaming);
        ChatResponse second = await AskAsync(client, streaming);

        Assert.False(first.GetRouteOutcome()!.FromCache);
        Assert.True(second.GetRouteOutcome()!.FromCache);
        Assert.Equal([RouteAttemptStatus.Answered, RouteAttemptStatus.AnsweredFromCache], observer.Records.Select(record => record.Status));
        Assert.Equal([0.011m, 0m], observer.Records.Select(record => record.Cost));
        Assert.Single(model.Calls);

        async IAsyncEnumerable<ChatResponseUpdate> Replay(
            IEnumerable<ChatMessage> messages, ChatOptions? options, IChatClient inner, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            kept ??= await inner.GetStreamingResponseAsync(messages, options, token).ToChatResponseAsync(token);
            foreach (ChatResponseUpdate update in kept.ToChatResponseUpdates())
            {
                yield return update;
            }
        }
    }

    private static RoutedChatClient Client(TestChatClient weak, IRoutingObserver observer, TestChatClient? strong = null)
    {
        var options = new TwoModelRoutingOptions { Threshold = 0.5, StrongProfile = s_priced, WeakProfile = s_priced, Tenant = (_, _) => "acme" };
        options.Observers.Add(observer);
        return new RoutedChatClient(strong ?? TestChatClient.Answering("strong"), weak, new FakeRouter(0), options);
    }

    private static TestChatClient Counting(string text, UsageDetails usage) => new()
    {
        OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, text)) { Usage = usage }),
    };

    private static Task<ChatResponse> AskAsync(RoutedChatClient client, bool streaming) => streaming
        ? client.GetStreamingResponseAsync("hello", cancellationToken: TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken)
        : client.GetResponseAsync("hello", cancellationToken: TestContext.Current.CancellationToken);

    private sealed class ThrowingObserver : IRoutingObserver
    {
        public void OnCompleted(RouteRecord record) => throw new InvalidOperationException("broken");
    }

    private sealed class OnePolicy(ModelRoute route) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(new RouteDecision([route], "only"));
    }
}
