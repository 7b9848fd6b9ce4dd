using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

/// <summary>Requests that belong to a route: those with a provider's state, and those that bring back tool results.</summary>
public class ConversationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conversation_id_pins_the_route_that_made_it(bool streaming)
    {
        TestChatClient strong = Stateful("strong"), weak = Stateful("weak");
        using var client = new RoutedChatClient(strong, weak, FakeRouter.ReadingPrompts(), new() { Threshold = 0.5 });

        ChatResponse first = await AskAsync(client, "0.9", null, streaming);
        ChatResponse second = await AskAsync(client, "0.1", new() { ConversationId = first.ConversationId }, streaming);
        ChatResponse other = await AskAsync(client, "0.1", new() { ConversationId = "from elsewhere" }, streaming);

        Assert.Equal(("strong", RouteReasons.ProviderState), (second.GetRouteOutcome()!.Route, second.GetRouteOutcome()!.Reason));
        Assert.Equal("weak", other.GetRouteOutcome()!.Route);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_continuation_token_pins_the_route_that_made_it_also_when_it_was_stored_and_restored(bool streaming)
    {
        TestChatClient strong = Stateful("strong"), weak = Stateful("weak");
        using var client = new RoutedChatClient(strong, weak, FakeRouter.ReadingPrompts(), new() { Threshold = 0.5 });
        ResponseContinuationToken token = streaming
            ? (await client.GetStreamingResponseAsync("0.9", cancellationToken: Cancel).FirstAsync(Cancel)).ContinuationToken!
            : (await client.GetResponseAsync("0.9", cancellationToken: Cancel)).ContinuationToken!;

        RouteOutcome outcome = (await AskAsync(client, "0.1", new() { ContinuationToken = ResponseContinuationToken.FromBytes(token.ToBytes().ToArray()) }, streaming)).GetRouteOutcome()!;

        Assert.Equal(("strong", RouteReasons.ProviderState), (outcome.Route, outcome.Reason));
    }

    [Fact]
    public async Task State_that_belongs_to_a_route_is_not_taken_to_another_when_it_fails()
    {
        TestChatClient strong = Stateful("strong"), weak = Stateful("weak");
        using var client = new RoutedChatClient(strong, weak, FakeRouter.ReadingPrompts(), new() { Threshold = 0.5 });
        ChatResponse first = await client.GetResponseAsync("0.9", cancellationToken: Cancel);
        strong.OnResponse = (_, _, _) => throw new HttpRequestException("down");

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetResponseAsync("0.1", new() { ConversationId = first.ConversationId }, Cancel));
        Assert.Empty(weak.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_loop_outside_the_router_keeps_one_route_from_call_to_result(bool streaming)
    {
        // The router would change its mind at the second call of the loop.
        int asked = 0;
        var router = new FakeRouter((_, _) => new(Interlocked.Increment(ref asked) == 1 ? 0.9 : 0.1));
        TestChatClient strong = CallingATool("strong"), weak = CallingATool("weak");
        IChatClient client = new RoutedChatClient(strong, weak, router, new() { Threshold = 0.5 }).AsBuilder().UseFunctionInvocation().Build();

        ChatResponse response = await AskAsync(client, "what is the weather?", new() { Tools = [AIFunctionFactory.Create(() => "sunny", "weather")] }, streaming);

        Assert.Equal("strong says sunny", response.Text);
        Assert.Equal(2, strong.Calls.Count);
        Assert.Empty(weak.Calls);
        Assert.Equal(RouteReasons.ToolResult, response.GetRouteOutcome()!.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tool_results_find_their_way_by_the_message_or_by_the_call(bool keepMessage)
    {
        TestChatClient strong = CallingATool("strong"), weak = CallingATool("weak");
        var router = new FakeRouter((request, _) => new(request.Prompt == "hard" ? 0.9 : 0.1));
        using var client = new RoutedChatClient(strong, weak, router, new() { Threshold = 0.5 });
        ChatMessage call = (await client.GetResponseAsync("hard", cancellationToken: Cancel)).Messages[0];

        // An application may store only the contents; and a restarted one has only what rides on the message.
        using var another = new RoutedChatClient(strong, weak, router, new() { Threshold = 0.5 });
        ChatMessage[] history =
        [
            new(ChatRole.User, "easy"),
            keepMessage ? call : new ChatMessage(ChatRole.Assistant, call.Contents),
            new(ChatRole.Tool, [new FunctionResultContent(((FunctionCallContent)call.Contents[0]).CallId, "sunny")]),
        ];
        RouteOutcome outcome = (await (keepMessage ? another : client).GetResponseAsync(history, cancellationToken: Cancel)).GetRouteOutcome()!;

        Assert.Equal(("strong", RouteReasons.ToolResult), (outcome.Route, outcome.Reason));
    }

    [Fact]
    public async Task What_is_remembered_of_conversations_is_bounded()
    {
        int next = 0;
        var model = new TestChatClient { OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok")) { ConversationId = $"c{next++}" }) };
        using var client = new RoutedChatClient(model, model, FakeRouter.ReadingPrompts(), new() { Threshold = 0.5 });
        const int Count = 50_000;
        for (int i = 0; i < Count; i++)
        {
            await client.GetResponseAsync("0.9", cancellationToken: Cancel);
        }

        async Task<string> ReasonAsync(int conversation) => (await client.GetResponseAsync("0.1", new() { ConversationId = $"c{conversation}" }, Cancel)).GetRouteOutcome()!.Reason;
        Assert.Equal(RouteReasons.ProviderState, await ReasonAsync(Count - 1));
        Assert.Equal(RouteReasons.ProviderState, await ReasonAsync(Count - 9_000));
        Assert.Equal(RouteReasons.Threshold, await ReasonAsync(0));
    }

    private static Task<ChatResponse> AskAsync(IChatClient client, string prompt, ChatOptions? options, bool streaming) => streaming
        ? client.GetStreamingResponseAsync(prompt, options, Cancel).ToChatResponseAsync(Cancel)
        : client.GetResponseAsync(prompt, options, Cancel);

    private static TestChatClient Stateful(string name) => new()
    {
        OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, name)) { ConversationId = $"{name}-7", ContinuationToken = Token(name) }),
        OnStream = (_, _, _) => new[]
        {
            new ChatResponseUpdate(ChatRole.Assistant, name) { ContinuationToken = Token(name) },
            new ChatResponseUpdate(ChatRole.Assistant, "!") { ConversationId = $"{name}-7" },
        }.ToAsyncEnumerable(),
    };

    private static ResponseContinuationToken Token(string name) => ResponseContinuationToken.FromBytes(System.Text.Encoding.UTF8.GetBytes($"token of {name}"));

    /// <summary>Calls a tool, and answers with its result when it gets it.</summary>
    private static TestChatClient CallingATool(string name) => new()
    {
        OnResponse = (messages, _, _) =>
        {
            FunctionResultContent? result = messages.Last().Contents.OfType<FunctionResultContent>().FirstOrDefault();
            return Task.FromResult(new ChatResponse(result is null
                ? new ChatMessage(ChatRole.Assistant, [new FunctionCallContent($"call-of-{name}", "weather")])
                : new ChatMessage(ChatRole.Assistant, $"{name} says {result.Result}")));
        },
    };
}
