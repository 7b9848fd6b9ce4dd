using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Conversations;

/// <summary>A provider's state finds its route again after a restart, by the store of conversations.</summary>
public class ProviderStateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_process_finds_the_route_of_a_conversation_id_by_the_store(bool streaming)
    {
        var store = new MemoryConversationStore();
        string id;
        using (RoutedChatClient before = Client(store))
        {
            id = streaming
                ? (await before.GetStreamingResponseAsync("0.9", cancellationToken: Cancel).ToListAsync(Cancel))[^1].ConversationId!
                : (await before.GetResponseAsync("0.9", cancellationToken: Cancel)).ConversationId!;
        }

        using RoutedChatClient after = Client(store), without = Client(null);

        RouteOutcome found = (await after.GetResponseAsync("0.1", new() { ConversationId = id }, Cancel)).GetRouteOutcome()!;
        Assert.Equal(("strong", RouteReasons.ProviderState), (found.Route, found.Reason));
        Assert.Equal("weak", (await without.GetResponseAsync("0.1", new() { ConversationId = id }, Cancel)).GetRouteOutcome()!.Route);
        Assert.Equal("weak", (await after.GetResponseAsync("0.1", new() { ConversationId = "unknown" }, Cancel)).GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task Every_continuation_token_of_a_stream_is_found_by_the_store()
    {
        var store = new MemoryConversationStore();
        List<ChatResponseUpdate> updates;
        using (RoutedChatClient before = Client(store))
        {
            updates = await before.GetStreamingResponseAsync("0.9", cancellationToken: Cancel).ToListAsync(Cancel);
        }

        Assert.Equal(3, updates.Count);
        foreach (ChatResponseUpdate update in updates)
        {
            using RoutedChatClient after = Client(store);
            RouteOutcome found = (await after.GetResponseAsync("0.1", new() { ContinuationToken = update.ContinuationToken }, Cancel)).GetRouteOutcome()!;
            Assert.Equal(("strong", RouteReasons.ProviderState), (found.Route, found.Reason));
        }
    }

    [Fact]
    public async Task An_id_that_another_route_uses_later_belongs_to_that_one()
    {
        var store = new MemoryConversationStore();
        using (RoutedChatClient before = Client(store, "same"))
        {
            await before.GetResponseAsync("0.9", cancellationToken: Cancel);
            await before.GetResponseAsync("0.1", cancellationToken: Cancel);
        }

        using RoutedChatClient after = Client(store);
        Assert.Equal("weak", (await after.GetResponseAsync("0.9", new() { ConversationId = "same" }, Cancel)).GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task A_store_that_is_down_when_state_is_written_fails_no_answer()
    {
        var store = new FaultyStore(new MemoryConversationStore()) { Fault = _ => throw new InvalidOperationException("down") };
        using RoutedChatClient client = Client(store);

        Assert.Equal("from strong", (await client.GetResponseAsync("0.9", cancellationToken: Cancel)).Text);
        Assert.Equal(3, (await client.GetStreamingResponseAsync("0.9", cancellationToken: Cancel).ToListAsync(Cancel)).Count);
    }

    private static RoutedChatClient Client(IConversationStore? store, string? id = null) =>
        new(Stateful("strong", id), Stateful("weak", id), FakeRouter.ReadingPrompts(), new() { Threshold = 0.5, Conversations = store is null ? null : new() { Affinity = ConversationAffinity.None, Store = store } });

    private static TestChatClient Stateful(string name, string? id) => new()
    {
        OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, $"from {name}")) { ConversationId = id ?? $"{name}-1" }),
        OnStream = (_, _, _) => Enumerable.Range(0, 3).Select(i => new ChatResponseUpdate(ChatRole.Assistant, $"{i}")
        {
            ConversationId = id ?? $"{name}-1",
            ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { (byte)name[0], (byte)i }),
        }).ToAsyncEnumerable(),
    };
}
