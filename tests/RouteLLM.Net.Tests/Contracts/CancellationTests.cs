using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Contracts;

/// <summary>Whenever the caller cancels, no one is asked any more, and what the caller gets is its own cancellation.</summary>
public sealed class CancellationTests : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly TestChatClient _weak = TestChatClient.Answering("weak");

    public void Dispose() => _source.Dispose();

    public static TheoryData<bool, bool> StreamingAndLinked => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(StreamingAndLinked))]
    public async Task The_exception_carries_the_callers_token_also_if_the_model_links_it_to_its_own(bool streaming, bool linked)
    {
        var began = new TaskCompletionSource();
        var strong = new TestChatClient
        {
            OnResponse = async (_, _, token) =>
            {
                using var own = CancellationTokenSource.CreateLinkedTokenSource(token);
                began.SetResult();
                await Task.Delay(Timeout.Infinite, linked ? own.Token : token);
                return new ChatResponse();
            },
        };

        Task<ChatResponse> call = AskAsync(strong, new FakeRouter(1), streaming);
        await began.Task;
        await _source.CancelAsync();

        await EndsInCancellationAsync(call);
    }

    [Fact]
    public async Task A_model_that_answers_a_cancellation_between_updates_with_another_error_does_not_hide_the_cancellation()
    {
        int moves = 0;
        var strong = new ScriptedStream(new ChatResponseUpdate(ChatRole.Assistant, "half"))
        {
            OnMove = () =>
            {
                if (++moves == 2)
                {
                    _source.Cancel();
                }
            },
            EndsWith = new IOException("the connection was closed by the cancellation"),
        };

        OperationCanceledException error = await EndsInCancellationAsync(AskAsync(strong, new FakeRouter(1), streaming: true));

        Assert.Same(strong.EndsWith, error.InnerException);
        Assert.Equal(1, strong.Disposals);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_model_said_to_a_cancellation_is_kept_within_the_exception(bool streaming)
    {
        var closed = new HttpRequestException("the connection was closed by the cancellation");
        var strong = new TestChatClient
        {
            OnResponse = (_, _, _) =>
            {
                _source.Cancel();
                throw closed;
            },
        };

        OperationCanceledException error = await EndsInCancellationAsync(AskAsync(strong, new FakeRouter(1), streaming));

        Assert.Same(closed, error.InnerException);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_router_that_finishes_in_spite_of_a_cancellation_does_not_have_a_model_called(bool streaming, bool unlimited)
    {
        TestChatClient strong = TestChatClient.Answering("strong");
        var router = new FakeRouter((_, _) =>
        {
            _source.Cancel();
            return new(1);
        });

        await EndsInCancellationAsync(AskAsync(strong, router, streaming, unlimited));

        Assert.Empty(strong.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_router_that_fails_because_of_a_cancellation_does_not_have_a_model_called(bool streaming)
    {
        TestChatClient strong = TestChatClient.Answering("strong");
        var router = new FakeRouter(async (_, _) =>
        {
            await Task.Yield();
            await _source.CancelAsync();
            throw new InvalidOperationException("the embedding service hung up");
        });

        await EndsInCancellationAsync(AskAsync(strong, router, streaming));

        Assert.Empty(strong.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_while_it_is_judged_whether_to_fail_over_a_request_does_not_fail_over(bool streaming)
    {
        using var client = new RoutedChatClient(TestChatClient.Failing(new HttpRequestException("down")), _weak, new FakeRouter(1), new()
        {
            Threshold = 0.5,
            ShouldFailOver = _ =>
            {
                _source.Cancel();
                return true;
            },
        });

        await EndsInCancellationAsync(client.AskAsync("hi", streaming, cancellationToken: _source.Token));
    }

    [Fact]
    public async Task Cancelled_while_the_failed_stream_is_closed_a_request_does_not_fail_over()
    {
        var strong = new ScriptedStream { EndsWith = new HttpRequestException("down"), OnDispose = _source.Cancel };

        await EndsInCancellationAsync(AskAsync(strong, new FakeRouter(1), streaming: true));

        Assert.Equal(1, strong.Disposals);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_while_the_second_route_works_a_request_ends_in_cancellation(bool streaming)
    {
        using var client = new RoutedChatClient(
            TestChatClient.Failing(new HttpRequestException("down")),
            new TestChatClient
            {
                OnResponse = async (_, _, token) =>
                {
                    await _source.CancelAsync();
                    await Task.Delay(Timeout.Infinite, token);
                    return new ChatResponse();
                },
            },
            new FakeRouter(1),
            new() { Threshold = 0.5 });

        await EndsInCancellationAsync(client.AskAsync("hi", streaming, cancellationToken: _source.Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_time_out_of_the_clients_own_fails_over(bool streaming)
    {
        using var timeout = new CancellationTokenSource();
        var strong = new TestChatClient
        {
            OnResponse = async (_, _, token) =>
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(token, timeout.Token);
                await timeout.CancelAsync();
                await Task.Delay(Timeout.Infinite, both.Token);
                return new ChatResponse();
            },
        };

        ChatResponse response = await AskAsync(strong, new FakeRouter(1), streaming);

        Assert.Equal("weak", response.Text);
        Assert.IsType<TaskCanceledException>(response.GetRouteOutcome()!.Attempts[0].Error);
    }

    [Fact]
    public async Task Cancelling_after_the_answer_changes_nothing()
    {
        ChatResponse response = await AskAsync(TestChatClient.Answering("strong"), new FakeRouter(1), streaming: true);
        await _source.CancelAsync();
        Assert.Equal("strong", response.Text);
        Assert.Equal("strong", response.GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task A_router_that_winds_up_slowly_after_its_time_limit_does_not_hold_up_the_answer()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var asked = new TaskCompletionSource();
        using var release = new ManualResetEventSlim();
        var router = new FakeRouter((_, token) =>
        {
            // Runs when the token is cancelled, and takes its time.
            token.Register(() => release.Wait(CancellationToken.None));
            asked.SetResult();
            return new(new TaskCompletionSource<double>().Task);
        });
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), _weak, router, new() { Threshold = 0.5, RouterTimeout = TimeSpan.FromSeconds(1) }, timeProvider: time);

        Task<ChatResponse> call = client.AskAsync("hi", streaming: false);
        await asked.Task;
        Task advance = Task.Run(() => time.Advance(TimeSpan.FromSeconds(2)), TestContext.Current.CancellationToken);
        ChatResponse response = await call.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        release.Set();
        await advance;

        Assert.Equal(RouteReasons.RouterTimedOut, response.GetRouteOutcome()!.Reason);
    }

    private Task<ChatResponse> AskAsync(IChatClient strong, IRouter router, bool streaming, bool unlimited = false)
    {
        var client = new RoutedChatClient(strong, _weak, router, new() { Threshold = 0.5, RouterTimeout = unlimited ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(5) });
        return client.AskAsync("hi", streaming, cancellationToken: _source.Token);
    }

    private async Task<OperationCanceledException> EndsInCancellationAsync(Task<ChatResponse> call)
    {
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(_source.Token, error.CancellationToken);
        Assert.Empty(_weak.Calls);
        return error;
    }
}
