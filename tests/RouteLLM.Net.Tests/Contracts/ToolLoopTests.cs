using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Contracts;

/// <summary>Tool loops and provider state, while other requests go elsewhere at the same time.</summary>
public class ToolLoopTests
{
    /// <summary>How a model names its calls and messages: some models number the calls of each conversation from 0, and some providers give messages no ids.</summary>
    public static TheoryData<bool, bool, bool> Habits
    {
        get
        {
            var data = new TheoryData<bool, bool, bool>();
            foreach (bool streaming in new[] { false, true })
            {
                foreach (bool uniqueCalls in new[] { false, true })
                {
                    data.Add(streaming, uniqueCalls, false);
                    data.Add(streaming, uniqueCalls, true);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Habits))]
    public async Task A_tool_loop_keeps_its_route_while_others_go_elsewhere(bool streaming, bool uniqueCalls, bool messageIds)
    {
        const int Conversations = 64;
        const int Steps = 3;

        // Every decision is the opposite of the one before: a loop that was routed anew would change sides at once.
        int decisions = 0;
        var router = new FakeRouter((_, _) => new(Interlocked.Increment(ref decisions) % 2));
        var barrier = new SemaphoreSlim(0);
        ToolCaller strong = new("strong", Steps, uniqueCalls, messageIds), weak = new("weak", Steps, uniqueCalls, messageIds);
        using IChatClient client = new RoutedChatClient(strong, weak, router, new() { Threshold = 0.5 }).AsBuilder().UseFunctionInvocation().Build();
        int arrived = 0;
        AIFunction tool = AIFunctionFactory.Create(
            async () =>
            {
                // All conversations stand between call and result at the same time.
                if (Interlocked.Increment(ref arrived) % Conversations == 0)
                {
                    barrier.Release(Conversations);
                }

                await barrier.WaitAsync();
                return "sunny";
            },
            "weather");

        ChatResponse[] responses = await Task.WhenAll(Enumerable.Range(0, Conversations).Select(i => Task.Run(() => client.AskAsync($"conversation {i}", streaming, new() { Tools = [tool] }))));

        Assert.All(responses, response => Assert.Single(response.Messages.SelectMany(message => message.Contents).OfType<TextContent>().Select(text => text.Text.Split(' ')[0]).Distinct()));
        Assert.All(responses, response => Assert.EndsWith($" {Steps}", response.Text));
        Assert.Empty(strong.Strays.Concat(weak.Strays));
        Assert.Equal(Conversations, decisions);
        Assert.Equal(Conversations * (Steps + 1), strong.Calls + weak.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_result_goes_to_the_route_that_called_although_another_used_the_same_call_id_since(bool streaming)
    {
        ToolCaller strong = new("strong", 1, uniqueCalls: false, messageIds: false), weak = new("weak", 1, uniqueCalls: false, messageIds: false);
        using var client = new RoutedChatClient(strong, weak, FakeRouter.ReadingPrompts(), new() { Threshold = 0.5 });
        ChatResponse first = await client.AskAsync("0.9", streaming);
        await client.AskAsync("0.1", streaming);

        ChatMessage[] messages = [new(ChatRole.User, "0.1"), .. first.Messages, new(ChatRole.Tool, [new FunctionResultContent("call-0", "sunny")])];
        ChatResponse second = await client.AskAsync(messages, streaming);

        Assert.Equal(("strong", RouteReasons.ToolResult), (second.GetRouteOutcome()!.Route, second.GetRouteOutcome()!.Reason));
    }

    [Fact]
    public async Task A_stream_with_a_continuation_token_on_every_update_does_not_push_out_what_is_remembered_of_others()
    {
        const int Updates = 25_000;
        var strong = new TestChatClient
        {
            OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "strong")) { ConversationId = "lasting" }),
            OnStream = (_, _, _) => Enumerable.Range(0, Updates)
                .Select(i => new ChatResponseUpdate(ChatRole.Assistant, "x") { ContinuationToken = ResponseContinuationToken.FromBytes(BitConverter.GetBytes(i)) })
                .ToAsyncEnumerable(),
        };
        using var client = new RoutedChatClient(strong, TestChatClient.Answering("weak"), FakeRouter.ReadingPrompts(), new() { Threshold = 0.5 });
        await client.AskAsync("0.9", streaming: false);

        await client.AskAsync("0.9", streaming: true);

        Assert.Equal(RouteReasons.ProviderState, (await client.AskAsync("0.1", streaming: false, new() { ConversationId = "lasting" })).GetRouteOutcome()!.Reason);
        ChatOptions latest = new() { ContinuationToken = ResponseContinuationToken.FromBytes(BitConverter.GetBytes(Updates - 1)) };
        Assert.Equal(RouteReasons.ProviderState, (await client.AskAsync("0.1", streaming: false, latest)).GetRouteOutcome()!.Reason);
    }

    [Fact]
    public async Task A_token_is_the_same_after_a_trip_through_json()
    {
        TestChatClient Stateful(string name) => new()
        {
            OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, name)) { ContinuationToken = ResponseContinuationToken.FromBytes(new[] { (byte)name[0] }) }),
        };
        using var client = new RoutedChatClient(Stateful("strong"), Stateful("weak"), FakeRouter.ReadingPrompts(), new() { Threshold = 0.5 });
        ChatResponse first = await client.AskAsync("0.9", streaming: false);

        string json = System.Text.Json.JsonSerializer.Serialize(first, AIJsonUtilities.DefaultOptions);
        ChatResponse restored = System.Text.Json.JsonSerializer.Deserialize<ChatResponse>(json, AIJsonUtilities.DefaultOptions)!;
        ChatResponse second = await client.AskAsync("0.1", streaming: false, new() { ContinuationToken = restored.ContinuationToken });

        Assert.Equal(("strong", RouteReasons.ProviderState), (second.GetRouteOutcome()!.Route, second.GetRouteOutcome()!.Reason));
    }

    /// <summary>A model that calls a tool a number of times and then says how often; it notes results of calls that it did not make.</summary>
    private sealed class ToolCaller(string name, int steps, bool uniqueCalls, bool messageIds) : IChatClient
    {
        private int _calls;

        public int Calls => _calls;

        public ConcurrentBag<string> Strays { get; } = [];

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _calls);
            await Task.Yield();
            int done = 0;
            foreach (ChatMessage message in messages)
            {
                foreach (AIContent content in message.Contents)
                {
                    if (content is TextContent text && message.Role == ChatRole.Assistant && !text.Text.StartsWith($"{name} ", StringComparison.Ordinal))
                    {
                        Strays.Add($"{name} was sent on what another said: {text.Text}");
                    }

                    done += content is FunctionResultContent ? 1 : 0;
                }
            }

            string id = uniqueCalls ? $"call-{Guid.NewGuid()}" : $"call-{done}";
            List<AIContent> contents = [new TextContent($"{name} step {done}")];
            if (done < steps)
            {
                contents.Add(new FunctionCallContent(id, "weather"));
            }

            return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents) { MessageId = messageIds ? Guid.NewGuid().ToString() : null });
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            ChatMessage message = (await GetResponseAsync(messages, options, cancellationToken)).Messages[0];
            foreach (AIContent content in message.Contents)
            {
                await Task.Yield();
                yield return new ChatResponseUpdate(ChatRole.Assistant, [content]) { MessageId = message.MessageId };
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
