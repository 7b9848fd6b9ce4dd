using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

public class SpanTests
{
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong", "big");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak", "small");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_ends_before_its_decision_says_why(bool streaming)
    {
        var router = new FakeRouter(async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        });
        using var client = new RoutedChatClient(_strong, _weak, router, new() { Threshold = 0.5 });
        using var recorder = new SpanRecorder();
        using var source = new CancellationTokenSource();
        Task<ChatResponse> AskAsync(ChatOptions? options) => streaming
            ? client.GetStreamingResponseAsync("hi", options, source.Token).ToChatResponseAsync(CancellationToken.None)
            : client.GetResponseAsync("hi", options, source.Token);

        await Assert.ThrowsAsync<ArgumentException>(() => AskAsync(new() { ModelId = "nope" }));
        Task<ChatResponse> waiting = AskAsync(null);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AskAsync(null));

        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Error, ActivityStatusCode.Error], recorder.Spans.Select(span => span.Status));
        Assert.Equal(typeof(ArgumentException).FullName, recorder.Spans[0].GetTagItem("error.type"));
        Assert.All(recorder.Spans.Skip(1), span => Assert.Equal("cancelled", span.StatusDescription));
    }

    [Fact]
    public async Task The_span_is_current_also_while_a_stream_that_was_left_is_disposed()
    {
        Activity? atDisposal = null;
        async IAsyncEnumerable<ChatResponseUpdate> Stream()
        {
            try
            {
                await Task.Yield();
                yield return new(ChatRole.Assistant, "one");
                yield return new(ChatRole.Assistant, "two");
            }
            finally
            {
                atDisposal = Activity.Current;
            }
        }

        using var client = new RoutedChatClient(new TestChatClient { OnStream = (_, _, _) => Stream() }, _weak, new FakeRouter(0.9), new() { Threshold = 0.5 });
        using var recorder = new SpanRecorder();
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken))
        {
            break;
        }

        Assert.Same(recorder.Span, atDisposal);
        Assert.Same(recorder.Root, Activity.Current);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_span_is_around_each_call_and_tells_of_the_decision(bool streaming)
    {
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client();

        await Send(client, "0.75", streaming);

        Activity span = recorder.Span;
        Assert.Equal("routellm.chat", span.OperationName);
        Assert.Equal(recorder.Root.SpanId, span.ParentSpanId);
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.Empty(span.Events);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["routellm.route"] = "strong",
                ["routellm.router"] = "fake",
                ["routellm.reason"] = "threshold",
                ["routellm.win_probability"] = 0.75,
                ["routellm.threshold"] = 0.5,
                ["routellm.query_length"] = 4,
                ["routellm.status"] = "answered",
                ["routellm.attempts"] = 1,
                ["gen_ai.response.model"] = "big",
            },
            span.TagObjects.ToDictionary());
    }

    [Fact]
    public async Task A_pinned_call_has_a_span_without_router_or_probability()
    {
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client();

        await client.GetResponseAsync("0.75", new ChatOptions { ModelId = "weak" }, Cancel);

        Assert.Equal(
            new Dictionary<string, object?> { ["routellm.route"] = "weak", ["routellm.reason"] = "pinned", ["routellm.query_length"] = 4, ["routellm.status"] = "answered", ["routellm.attempts"] = 1, ["gen_ai.response.model"] = "small" },
            recorder.Span.TagObjects.ToDictionary());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failover_is_an_event_and_the_span_ends_well_with_the_route_that_answered(bool streaming)
    {
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client(strong: TestChatClient.Failing(new HttpRequestException("down")));

        await Send(client, "0.75", streaming);

        ActivityEvent failover = Assert.Single(recorder.Span.Events);
        Assert.Equal("routellm.failover", failover.Name);
        Assert.Equal(
            new Dictionary<string, object?> { ["routellm.route"] = "strong", ["routellm.next_route"] = "weak", ["error.type"] = "System.Net.Http.HttpRequestException" },
            failover.Tags.ToDictionary());
        Assert.Equal("weak", recorder.Span.GetTagItem(RoutingTelemetryNames.Route));
        Assert.Equal(ActivityStatusCode.Unset, recorder.Span.Status);
        Assert.Null(recorder.Span.GetTagItem("error.type"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_fails_on_every_route_ends_in_error(bool streaming)
    {
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client(TestChatClient.Failing(new HttpRequestException("down")), TestChatClient.Failing(new TimeoutException("slow")));

        await Assert.ThrowsAsync<RoutesFailedException>(() => Send(client, "0.75", streaming));

        Assert.Single(recorder.Span.Events);
        Assert.Equal(ActivityStatusCode.Error, recorder.Span.Status);
        Assert.Equal("System.TimeoutException", recorder.Span.GetTagItem("error.type"));
    }

    [Fact]
    public async Task A_stream_that_fails_after_its_first_update_ends_in_error_without_a_failover()
    {
        _strong.OnStream = (_, _, _) => FailAfterOneUpdate();
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client();

        await Assert.ThrowsAsync<HttpRequestException>(() => Send(client, "0.75", streaming: true));

        Assert.Empty(recorder.Span.Events);
        Assert.Equal(ActivityStatusCode.Error, recorder.Span.Status);
        Assert.Equal("System.Net.Http.HttpRequestException", recorder.Span.GetTagItem("error.type"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_call_says_so_and_names_no_error(bool streaming)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        _strong.OnResponse = (_, _, cancellationToken) =>
        {
            cancellation.Cancel();
            return Task.FromCanceled<ChatResponse>(cancellationToken);
        };
        _strong.OnStream = null;
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Send(client, "0.75", streaming, cancellation.Token));

        AssertCancelled(recorder.Span);
    }

    [Fact]
    public async Task So_does_a_stream_that_is_cancelled_between_updates()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("0.75", cancellationToken: cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });

        AssertCancelled(recorder.Span);
    }

    [Fact]
    public async Task A_span_lasts_as_long_as_its_stream()
    {
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client();
        IAsyncEnumerable<ChatResponseUpdate> stream = client.GetStreamingResponseAsync("0.75", cancellationToken: Cancel);
        Assert.Empty(recorder.Spans);

        await foreach (ChatResponseUpdate _ in stream)
        {
            Assert.Empty(recorder.Spans);
        }

        Assert.Single(recorder.Spans);
        await stream.ToChatResponseAsync(Cancel);
        Assert.Equal(2, recorder.Spans.Count);
    }

    [Fact]
    public async Task A_stream_that_its_reader_leaves_ends_without_error()
    {
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client();

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("0.75", cancellationToken: Cancel))
        {
            break;
        }

        Assert.Equal(ActivityStatusCode.Unset, recorder.Span.Status);
        Assert.Same(recorder.Root, Activity.Current);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_span_is_current_for_the_router_and_the_models_client_and_not_for_the_caller(bool failOver)
    {
        var seen = new List<Activity?>();
        var router = new FakeRouter((_, _) =>
        {
            seen.Add(Activity.Current);
            return new(0.75);
        });
        _strong.OnResponse = (_, _, _) =>
        {
            seen.Add(Activity.Current);
            return failOver ? throw new TimeoutException() : Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "answer")));
        };
        _weak.OnResponse = (_, _, _) =>
        {
            seen.Add(Activity.Current);
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "answer")));
        };
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client(router: router);

        Task<ChatResponse> call = client.GetResponseAsync("Hello", cancellationToken: Cancel);
        Assert.Same(recorder.Root, Activity.Current);
        await call;

        Assert.Same(recorder.Root, Activity.Current);
        Assert.Equal(failOver ? 3 : 2, seen.Count);
        Assert.All(seen, activity => Assert.Same(recorder.Span, activity));
    }

    [Fact]
    public async Task While_streaming_it_is_current_whatever_the_reader_does_between_updates()
    {
        var seen = new List<Activity?>();
        _strong.OnStream = (_, _, cancellationToken) => Watch(seen, cancellationToken);
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client();

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("0.75", cancellationToken: Cancel))
        {
            Assert.Same(recorder.Root, Activity.Current);
            using Activity readers = new Activity("reader's").Start();
            await Task.Yield();
            Assert.Same(readers, Activity.Current);
        }

        Assert.Same(recorder.Root, Activity.Current);
        Assert.Equal(4, seen.Count);
        Assert.All(seen, activity => Assert.Same(recorder.Span, activity));
    }

    [Fact]
    public async Task An_activity_that_the_reader_starts_and_keeps_stays_the_readers()
    {
        using var recorder = new SpanRecorder();
        using RoutedChatClient client = Client();
        await using IAsyncEnumerator<ChatResponseUpdate> updates = client.GetStreamingResponseAsync("0.75", cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await updates.MoveNextAsync());

        using Activity readers = new Activity("reader's").Start();
        while (await updates.MoveNextAsync())
        {
            Assert.Same(readers, Activity.Current);
        }

        Assert.Same(readers, Activity.Current);
        Assert.Equal(recorder.Root.SpanId, readers.ParentSpanId);
    }

    [Fact]
    public async Task Without_a_listener_the_callers_activity_is_current_all_the_way()
    {
        Activity? seen = null;
        _strong.OnResponse = (_, _, _) =>
        {
            seen = Activity.Current;
            return Task.FromResult(new ChatResponse());
        };
        using Activity own = new Activity("own").Start();
        using RoutedChatClient client = Client();

        await client.GetResponseAsync("0.75", cancellationToken: Cancel);

        Assert.Same(own, seen);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static void AssertCancelled(Activity span)
    {
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal("cancelled", span.StatusDescription);
        Assert.Null(span.GetTagItem("error.type"));
        Assert.Empty(span.Events);
    }

    private RoutedChatClient Client(IChatClient? strong = null, IChatClient? weak = null, IRouter? router = null) =>
        new(strong ?? _strong, weak ?? _weak, router ?? FakeRouter.ReadingPrompts(), new TwoModelRoutingOptions { Threshold = 0.5, EnableSensitiveData = false });

    private static async Task Send(IChatClient client, string prompt, bool streaming, CancellationToken? cancellationToken = null)
    {
        CancellationToken token = cancellationToken ?? Cancel;
        if (streaming)
        {
            await client.GetStreamingResponseAsync(prompt, cancellationToken: token).ToChatResponseAsync(token);
        }
        else
        {
            await client.GetResponseAsync(prompt, cancellationToken: token);
        }
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> FailAfterOneUpdate()
    {
        await Task.Yield();
        yield return new ChatResponseUpdate(ChatRole.Assistant, "from");
        throw new HttpRequestException("down");
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Watch(List<Activity?> seen, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        seen.Add(Activity.Current);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "synchronous");
        seen.Add(Activity.Current);
        await Task.Yield();
        seen.Add(Activity.Current);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "not");
        cancellationToken.ThrowIfCancellationRequested();
        seen.Add(Activity.Current);
    }
}
