using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

public class RouteGateTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refused_route_is_not_called_and_the_next_one_answers(bool streaming)
    {
        TestChatClient strong = TestChatClient.Answering("strong");
        var gate = new Gate(attempt => attempt.Route.Name == "strong" ? Refuse("strong") : null);
        using RoutedChatClient client = Client(strong, TestChatClient.Answering("weak"), gate);

        ChatResponse response = await AskAsync(client, streaming);

        Assert.Equal("weak", response.Text);
        Assert.Empty(strong.Calls);
        RouteOutcome outcome = response.GetRouteOutcome()!;
        Assert.False(outcome.FailedOver);
        Assert.Equal("test", Assert.Single(outcome.Skips).Cause);
        Assert.Equal([RouteAttemptStatus.Answered], gate.Results.Select(result => result.Status));
    }

    [Fact]
    public async Task Where_all_routes_are_refused_the_error_says_what_removed_each()
    {
        using RoutedChatClient client = Client(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new Gate(attempt => Refuse(attempt.Route.Name)));

        NoRouteAvailableException error = await Assert.ThrowsAsync<NoRouteAvailableException>(() => AskAsync(client, streaming: false));

        Assert.Equal(["strong", "weak"], error.Skips.Select(skip => skip.Route));
        Assert.Contains("weak: test (not today)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_that_failed_stays_the_error_if_the_others_are_refused()
    {
        var failure = new HttpRequestException("down");
        using RoutedChatClient client = Client(TestChatClient.Failing(failure), TestChatClient.Answering("weak"), new Gate(attempt => attempt.Route.Name == "weak" ? Refuse("weak") : null));

        Assert.Same(failure, await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(client, streaming: false)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_admission_is_completed_exactly_once(bool streaming)
    {
        var first = new Gate(_ => null);
        var second = new Gate(attempt => attempt.Route.Name == "weak" ? null : Refuse("strong"));
        using RoutedChatClient client = Client(TestChatClient.Answering("strong"), TestChatClient.Failing(new HttpRequestException("down")), first, second);

        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(client, streaming));

        Assert.Equal([RouteAttemptStatus.NotCalled, RouteAttemptStatus.Failed], first.Results.Select(result => result.Status));
        Assert.Equal([RouteAttemptStatus.Failed], second.Results.Select(result => result.Status));
    }

    [Fact]
    public async Task What_a_gate_throws_ends_the_request_and_gives_back_what_was_admitted()
    {
        var first = new Gate(_ => null);
        using RoutedChatClient client = Client(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), first, new Gate(_ => throw new InvalidOperationException("over")));

        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(client, streaming: false));

        Assert.Equal("over", error.Message);
        Assert.Equal([RouteAttemptStatus.NotCalled], first.Results.Select(result => result.Status));
    }

    [Fact]
    public async Task A_stream_that_is_left_early_completes_its_admission()
    {
        var gate = new Gate(_ => null);
        using RoutedChatClient client = Client(TestChatClient.Answering("a b c"), TestChatClient.Answering("a b c"), gate);

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hello", cancellationToken: TestContext.Current.CancellationToken))
        {
            break;
        }

        Assert.Equal([RouteAttemptStatus.Cancelled], gate.Results.Select(result => result.Status));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_is_left_and_fails_to_close_completes_its_admission_and_is_observed_all_the_same(bool resilient)
    {
        var failure = new IOException("cannot close");
        var gate = new Gate(_ => null);
        var observer = new RecordingObserver();
        var options = new TwoModelRoutingOptions { Threshold = 0.5, Gates = { gate }, Observers = { observer }, Resilience = resilient ? new() : null };
        using var client = new RoutedChatClient(new TestChatClient { OnStream = (_, _, _) => FailToCloseAsync(failure) }, TestChatClient.Answering("weak"), new FakeRouter(1), options);

        Assert.Same(failure, await Assert.ThrowsAsync<IOException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hello", cancellationToken: TestContext.Current.CancellationToken))
            {
                break;
            }
        }));

        Assert.Equal([RouteAttemptStatus.Cancelled], gate.Results.Select(result => result.Status));
        Assert.Equal(RouteAttemptStatus.Cancelled, Assert.Single(observer.Records).Status);
    }

    private static RouteSkip Refuse(string route) => new(route, "test", "not today");

    private static RoutedChatClient Client(TestChatClient strong, TestChatClient weak, params IRouteGate[] gates)
    {
        var options = new TwoModelRoutingOptions { Threshold = 0.5 };
        foreach (IRouteGate gate in gates)
        {
            options.Gates.Add(gate);
        }

        return new RoutedChatClient(strong, weak, new FakeRouter(1), options);
    }

    private static Task<ChatResponse> AskAsync(RoutedChatClient client, bool streaming) => streaming
        ? client.GetStreamingResponseAsync("hello", cancellationToken: TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken)
        : client.GetResponseAsync("hello", cancellationToken: TestContext.Current.CancellationToken);

    private static async IAsyncEnumerable<ChatResponseUpdate> FailToCloseAsync(Exception failure)
    {
        try
        {
            yield return new(ChatRole.Assistant, "first");
            await Task.Yield();
            yield return new(ChatRole.Assistant, "second");
        }
        finally
        {
            Throw(failure);
        }

        static void Throw(Exception failure) => throw failure;
    }

    private sealed class Gate(Func<RouteAttemptContext, RouteSkip?> refusal) : IRouteGate
    {
        public List<RouteAttemptResult> Results { get; } = [];

        public ValueTask<RouteAdmission> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken = default) =>
            new(refusal(attempt) is { } skip ? RouteAdmission.Refuse(skip) : new Admission(Results));
    }

    private sealed class Admission(List<RouteAttemptResult> results) : RouteAdmission
    {
        public override ValueTask CompleteAsync(RouteAttemptResult result)
        {
            results.Add(result);
            return ValueTask.CompletedTask;
        }
    }
}
