using Microsoft.Extensions.AI;
using StackExchange.Redis;

namespace RouteLLM.Redis.Tests;

/// <summary>Conversations shared by several clients through a real server, also when it is killed in between.</summary>
public sealed class RedisConversationStoreTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_keeps_the_contract_of_a_conversation_store()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        var store = new RedisConversationStore(redis, "app:");

        Assert.Null(await store.FindAsync("key", s_hour, Cancel));
        Assert.Equal("a", await store.GetOrAddAsync("key", "a", s_hour, Cancel));
        Assert.Equal("a", await store.GetOrAddAsync("key", "b", s_hour, Cancel));
        Assert.False(await store.TryReplaceAsync("key", "b", "c", s_hour, Cancel));
        Assert.True(await store.TryReplaceAsync("key", "a", "c", s_hour, Cancel));
        Assert.Equal("c", await store.FindAsync("key", TimeSpan.FromHours(5), Cancel));

        IDatabase database = redis.GetDatabase();
        Assert.Equal("c", await database.StringGetAsync("app:key"));
        Assert.InRange((await database.KeyTimeToLiveAsync("app:key"))!.Value, TimeSpan.FromHours(4.9), TimeSpan.FromHours(5));
        await database.KeyDeleteAsync("app:key");
        Assert.False(await store.TryReplaceAsync("key", "c", "d", s_hour, Cancel));
    }

    [Fact]
    public async Task Of_many_instances_that_add_at_once_all_get_the_same_route()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ConnectionMultiplexer one = await ConnectionMultiplexer.ConnectAsync(server.Configuration), two = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        RedisConversationStore[] stores = [new(one), new(two)];

        for (int round = 0; round < 100; round++)
        {
            string[] kept = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => stores[i % 2].GetOrAddAsync($"key {round}", $"route {i}", s_hour, Cancel).AsTask()));
            Assert.Single(kept.Distinct());
        }
    }

    [Fact]
    public async Task A_conversation_and_a_providers_state_find_their_route_from_another_instance_and_after_both_ends_restarted()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        string id;
        await using (ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration))
        using (RoutedChatClient before = Client(redis))
        {
            ChatResponse response = await before.GetResponseAsync("0.9", new ChatOptions().SetRoutingConversation("chat"), Cancel);
            Assert.Equal("strong", response.GetRouteOutcome()!.Route);
            id = response.ConversationId!;
        }

        server.Kill();
        await server.RestartAsync();

        await using ConnectionMultiplexer again = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        using RoutedChatClient after = Client(again);
        RouteOutcome turn = (await after.GetResponseAsync("0.1", new ChatOptions().SetRoutingConversation("chat"), Cancel)).GetRouteOutcome()!;
        RouteOutcome state = (await after.GetResponseAsync("0.1", new ChatOptions { ConversationId = id }, Cancel)).GetRouteOutcome()!;
        Assert.Equal(("strong", RouteReasons.Conversation), (turn.Route, turn.Reason));
        Assert.Equal(("strong", RouteReasons.ProviderState), (state.Route, state.Reason));
    }

    [Fact]
    public async Task Requests_are_answered_while_the_server_is_down_and_conversations_are_found_again_when_it_is_back()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        using RoutedChatClient client = Client(redis, retryAfter: TimeSpan.Zero);
        ChatOptions chat = new ChatOptions().SetRoutingConversation("chat");
        await client.GetResponseAsync("0.9", chat, Cancel);

        server.Kill();
        Assert.Equal("weak", (await client.GetResponseAsync("0.1", chat, Cancel)).GetRouteOutcome()!.Route);
        await server.RestartAsync();

        string? route = null;
        while (route != "strong")
        {
            // The connection comes back by itself; until then conversations are decided anew.
            route = (await client.GetResponseAsync("0.1", chat, Cancel)).GetRouteOutcome()!.Route;
            Assert.True(route is "strong" or "weak");
        }
    }

    private static RoutedChatClient Client(IConnectionMultiplexer redis, TimeSpan? retryAfter = null) => new(
        new Answering("strong"),
        new Answering("weak"),
        new ReadingPrompts(),
        new TwoModelRoutingOptions
        {
            Threshold = 0.5,
            Conversations = new() { Store = new RedisConversationStore(redis), StoreTimeout = TimeSpan.FromMilliseconds(500), StoreRetryAfter = retryAfter ?? TimeSpan.FromSeconds(5) },
        });

    private sealed class ReadingPrompts : IRouter
    {
        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
            new(double.Parse(request.Prompt, System.Globalization.CultureInfo.InvariantCulture));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;
    }

    private sealed class Answering(string name) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, $"from {name}")) { ConversationId = $"{name}-1" });

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
