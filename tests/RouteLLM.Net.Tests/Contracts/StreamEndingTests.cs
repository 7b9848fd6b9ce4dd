using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Contracts;

/// <summary>What the caller sees when a provider's stream fails at its end, or in more than one way.</summary>
public class StreamEndingTests
{
    private static readonly HttpRequestException s_reset = new("reset");
    private static readonly InvalidOperationException s_onDispose = new("on disposal");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_stream_that_fails_to_close_has_given_nothing_and_the_other_route_answers()
    {
        var strong = new ScriptedStream { DisposesWith = s_reset };
        using var client = new RoutedChatClient(strong, TestChatClient.Answering("rescued"), new FakeRouter(1), new() { Threshold = 0.5 });

        ChatResponse response = await client.AskAsync("hi", streaming: true);

        Assert.Equal("rescued", response.Text);
        Assert.Same(s_reset, response.GetRouteOutcome()!.Attempts[0].Error);
        Assert.Equal(1, strong.Disposals);
    }

    [Fact]
    public async Task An_empty_stream_that_fails_to_close_for_another_reason_fails_the_request()
    {
        var strong = new ScriptedStream { DisposesWith = s_onDispose };
        TestChatClient weak = TestChatClient.Answering("weak");
        using var client = new RoutedChatClient(strong, weak, new FakeRouter(1), new() { Threshold = 0.5 });

        Assert.Same(s_onDispose, await Assert.ThrowsAsync<InvalidOperationException>(() => client.AskAsync("hi", streaming: true)));
        Assert.Equal(1, strong.Disposals);
        Assert.Empty(weak.Calls);
    }

    [Fact]
    public async Task The_exception_that_tells_of_every_attempt_is_not_replaced_by_one_of_closing_the_last_stream()
    {
        ScriptedStream strong = new() { EndsWith = s_reset, DisposesWith = s_onDispose }, weak = new() { EndsWith = s_reset, DisposesWith = s_onDispose };
        using var client = new RoutedChatClient(strong, weak, new FakeRouter(1), new() { Threshold = 0.5 });

        var error = await Assert.ThrowsAsync<RoutesFailedException>(() => client.AskAsync("hi", streaming: true));

        Assert.All(error.Attempts, attempt => Assert.Same(s_reset, attempt.Error));
        Assert.Equal((1, 1), (strong.Disposals, weak.Disposals));
    }

    [Fact]
    public async Task A_failure_between_updates_is_not_replaced_by_one_of_closing_the_stream()
    {
        var strong = new ScriptedStream(new ChatResponseUpdate(ChatRole.Assistant, "half")) { EndsWith = s_reset, DisposesWith = s_onDispose };
        using var client = new RoutedChatClient(strong, TestChatClient.Answering("weak"), new FakeRouter(1), new() { Threshold = 0.5 });

        Assert.Same(s_reset, await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("hi", streaming: true)));
        Assert.Equal(1, strong.Disposals);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_to_close_reaches_the_caller_when_nothing_else_failed(bool breaksOff)
    {
        var strong = new ScriptedStream(new ChatResponseUpdate(ChatRole.Assistant, "a"), new ChatResponseUpdate(ChatRole.Assistant, "b")) { DisposesWith = s_onDispose };
        TestChatClient weak = TestChatClient.Answering("weak");
        using var client = new RoutedChatClient(strong, weak, new FakeRouter(1), new() { Threshold = 0.5 });
        var texts = new List<string>();

        async Task ReadAsync()
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi", cancellationToken: Cancel))
            {
                texts.Add(update.Text);
                if (breaksOff)
                {
                    break;
                }
            }
        }

        Assert.Same(s_onDispose, await Assert.ThrowsAsync<InvalidOperationException>(ReadAsync));
        Assert.Equal(breaksOff ? ["a"] : ["a", "b"], texts);
        Assert.Equal(1, strong.Disposals);
        Assert.Empty(weak.Calls);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_update_that_is_null_is_the_providers_fault_and_said_to_be(int position)
    {
        ChatResponseUpdate[] updates = [new(ChatRole.Assistant, "a"), new(ChatRole.Assistant, "b")];
        updates[position] = null!;
        var strong = new ScriptedStream(updates);
        using var client = new RoutedChatClient(strong, TestChatClient.Answering("weak"), new FakeRouter(1), new() { Threshold = 0.5 });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.AskAsync("hi", streaming: true));

        Assert.Contains("'strong'", error.Message);
        Assert.Equal(1, strong.Disposals);
    }

    [Fact]
    public async Task Updates_after_the_first_are_the_providers_own_objects()
    {
        ChatResponseUpdate[] updates = [new(ChatRole.Assistant, "a"), new(ChatRole.Assistant, "b"), new() { FinishReason = ChatFinishReason.Stop }];
        using var client = new RoutedChatClient(new ScriptedStream(updates), TestChatClient.Answering("weak"), new FakeRouter(1), new() { Threshold = 0.5 });

        List<ChatResponseUpdate> received = await client.GetStreamingResponseAsync("hi", cancellationToken: Cancel).ToListAsync(Cancel);

        Assert.Equal(3, received.Count);
        Assert.NotSame(updates[0], received[0]);
        Assert.Same(updates[1], received[1]);
        Assert.Same(updates[2], received[2]);
    }

    [Fact]
    public async Task A_stream_asked_for_before_the_client_was_disposed_asks_no_one_afterwards()
    {
        TestChatClient model = TestChatClient.Answering("x");
        var client = new RoutedChatClient(model, model, new FakeRouter(1), new() { Threshold = 0.5 });
        IAsyncEnumerable<ChatResponseUpdate> stream = client.GetStreamingResponseAsync("hi", cancellationToken: Cancel);

        client.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ToListAsync(Cancel));
        Assert.Empty(model.Calls);
    }
}
