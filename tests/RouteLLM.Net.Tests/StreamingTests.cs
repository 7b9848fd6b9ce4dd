using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

/// <summary>Streams: who is disposed when, what is committed, and what the caller sees of failures.</summary>
public class StreamingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Break.Never)]
    [InlineData(Break.ByTheCaller)]
    [InlineData(Break.AfterTheFirstUpdate)]
    [InlineData(Break.OnALaterCurrent)]
    public async Task The_providers_stream_is_disposed_once_however_it_ends(Break where)
    {
        var stream = new ProbedStream(where);
        using var client = new RoutedChatClient(new TestStream(stream), TestChatClient.Answering("weak"), new FakeRouter(1), new() { Threshold = 0.5 });

        async Task ReadAsync()
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hi", cancellationToken: Cancel))
            {
                if (where == Break.ByTheCaller)
                {
                    break;
                }
            }
        }

        if (where is Break.AfterTheFirstUpdate or Break.OnALaterCurrent)
        {
            Assert.Equal(ProbedStream.Message, (await Assert.ThrowsAsync<HttpRequestException>(ReadAsync)).Message);
        }
        else
        {
            await ReadAsync();
        }

        Assert.Equal(1, stream.Disposals);
    }

    [Theory]
    [InlineData(Break.BeforeTheFirstUpdate)]
    [InlineData(Break.OnTheFirstCurrent)]
    [InlineData(Break.OnGettingTheStream)]
    [InlineData(Break.OnGettingTheEnumerator)]
    [InlineData(Break.BeforeTheFirstUpdateAndOnDispose)]
    public async Task A_stream_that_fails_before_its_first_update_is_disposed_and_the_other_route_answers(Break where)
    {
        var stream = new ProbedStream(where);
        using var client = new RoutedChatClient(new TestStream(stream), TestChatClient.Answering("rescued by weak"), new FakeRouter(1), new() { Threshold = 0.5 });

        ChatResponse response = await client.GetStreamingResponseAsync("hi", cancellationToken: Cancel).ToChatResponseAsync(Cancel);

        Assert.Equal("rescued by weak", response.Text);
        Assert.Equal("weak", response.GetRouteOutcome()!.Route);
        Assert.Equal(where is Break.OnGettingTheStream or Break.OnGettingTheEnumerator ? 0 : 1, stream.Disposals);
    }

    [Fact]
    public async Task An_empty_stream_is_an_answer()
    {
        TestChatClient weak = TestChatClient.Answering("weak");
        var strong = new TestChatClient { OnStream = (_, _, _) => AsyncEnumerable.Empty<ChatResponseUpdate>() };
        using var client = new RoutedChatClient(strong, weak, new FakeRouter(1), new() { Threshold = 0.5 });

        Assert.Empty(await client.GetStreamingResponseAsync("hi", cancellationToken: Cancel).ToListAsync(Cancel));
        Assert.Empty(weak.Calls);
    }

    [Fact]
    public async Task Nothing_happens_before_enumeration_and_each_enumeration_decides_anew()
    {
        int asked = 0;
        var router = new FakeRouter((_, _) => new(Interlocked.Increment(ref asked) == 1 ? 0.9 : 0.1));
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), router, new() { Threshold = 0.5 });

        IAsyncEnumerable<ChatResponseUpdate> stream = client.GetStreamingResponseAsync("hi", cancellationToken: Cancel);

        Assert.Equal(0, asked);
        Assert.Equal("strong", (await stream.ToChatResponseAsync(Cancel)).Text);
        Assert.Equal("weak", (await stream.ToChatResponseAsync(Cancel)).Text);
    }

    [Fact]
    public async Task Messages_are_enumerated_once_even_when_two_routes_are_tried()
    {
        int enumerations = 0;
        IEnumerable<ChatMessage> Messages()
        {
            enumerations++;
            yield return new(ChatRole.User, "hi");
        }

        TestChatClient weak = TestChatClient.Answering("weak");
        using var client = new RoutedChatClient(TestChatClient.Failing(new TimeoutException()), weak, new FakeRouter(1), new() { Threshold = 0.5 });

        await client.GetResponseAsync(Messages(), cancellationToken: Cancel);
        await client.GetStreamingResponseAsync(Messages(), cancellationToken: Cancel).ToListAsync(Cancel);

        Assert.Equal(2, enumerations);
        Assert.All(weak.Calls, call => Assert.Equal("hi", Assert.Single(call.Messages).Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_before_it_begins_a_request_asks_no_one(bool streaming)
    {
        TestChatClient model = TestChatClient.Answering("x");
        using var client = new RoutedChatClient(model, model, new FakeRouter((_, _) => throw new InvalidOperationException("asked")), new() { Threshold = 0.5 });
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AskAsync(client, streaming, source.Token));

        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Empty(model.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_while_the_router_works_a_request_ends_there(bool streaming)
    {
        TestChatClient model = TestChatClient.Answering("x");
        var asked = new TaskCompletionSource();
        CancellationToken routersToken = default;
        var router = new FakeRouter(async (_, token) =>
        {
            routersToken = token;
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return 0;
        });
        using var client = new RoutedChatClient(model, model, router, new() { Threshold = 0.5 });
        using var source = new CancellationTokenSource();

        Task<ChatResponse> call = AskAsync(client, streaming, source.Token);
        await asked.Task;
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(routersToken.IsCancellationRequested);
        Assert.Empty(model.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_while_a_model_works_a_request_does_not_fail_over_even_if_the_model_fails_otherwise(bool streaming)
    {
        using var source = new CancellationTokenSource();
        var strong = new TestChatClient
        {
            OnResponse = (_, _, _) =>
            {
                source.Cancel();
                throw new HttpRequestException("the connection was closed by the cancellation");
            },
        };
        TestChatClient weak = TestChatClient.Answering("weak");
        using var client = new RoutedChatClient(strong, weak, new FakeRouter(1), new() { Threshold = 0.5 });

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AskAsync(client, streaming, source.Token));

        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Empty(weak.Calls);
    }

    [Fact]
    public async Task Cancelled_between_updates_a_stream_ends_and_is_disposed()
    {
        var stream = new ProbedStream(Break.Never);
        using var client = new RoutedChatClient(new TestStream(stream), TestChatClient.Answering("weak"), new FakeRouter(1), new() { Threshold = 0.5 });
        using var source = new CancellationTokenSource();
        int updates = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hi", cancellationToken: source.Token))
            {
                updates++;
                await source.CancelAsync();
            }
        });

        Assert.Equal(1, updates);
        Assert.Equal(1, stream.Disposals);
    }

    private static Task<ChatResponse> AskAsync(RoutedChatClient client, bool streaming, CancellationToken cancellationToken) => streaming
        ? client.GetStreamingResponseAsync("hi", cancellationToken: cancellationToken).ToChatResponseAsync(CancellationToken.None)
        : client.GetResponseAsync("hi", cancellationToken: cancellationToken);

    public enum Break
    {
        Never,
        ByTheCaller,
        AfterTheFirstUpdate,
        OnALaterCurrent,
        OnTheFirstCurrent,
        BeforeTheFirstUpdate,
        BeforeTheFirstUpdateAndOnDispose,
        OnGettingTheStream,
        OnGettingTheEnumerator,
    }

    private sealed class TestStream(ProbedStream stream) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            stream.Where == Break.OnGettingTheStream ? throw new HttpRequestException(ProbedStream.Message) : stream;

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    /// <summary>Three updates, with a fault at one place, and a count of its disposals.</summary>
    private sealed class ProbedStream(Break where) : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
    {
        public const string Message = "broken here";

        private CancellationToken _cancellationToken;
        private int _moves;

        public Break Where => where;

        public int Disposals { get; private set; }

        public ChatResponseUpdate Current => where == Break.OnTheFirstCurrent || (where == Break.OnALaterCurrent && _moves > 1) ? throw new HttpRequestException(Message) : new(ChatRole.Assistant, $"{_moves}");

        public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            _cancellationToken = cancellationToken;
            return where == Break.OnGettingTheEnumerator ? throw new HttpRequestException(Message) : this;
        }

        public async ValueTask<bool> MoveNextAsync()
        {
            await Task.Yield();
            _cancellationToken.ThrowIfCancellationRequested();
            _moves++;
            if (where is Break.BeforeTheFirstUpdate or Break.BeforeTheFirstUpdateAndOnDispose || (where == Break.AfterTheFirstUpdate && _moves == 2))
            {
                throw new HttpRequestException(Message);
            }

            return _moves <= 3;
        }

        public ValueTask DisposeAsync()
        {
            Disposals++;
            return where == Break.BeforeTheFirstUpdateAndOnDispose ? throw new InvalidOperationException("and on disposal") : default;
        }
    }
}
