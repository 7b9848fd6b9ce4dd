using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Tests.Conversations;

/// <summary>Conversations stay on their route, or move up only.</summary>
public class ConversationAffinityTests
{
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong");
    private readonly TestChatClient _middle = TestChatClient.Answering("from middle");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conversation_stays_on_its_first_route_and_the_router_is_not_asked_again(bool streaming)
    {
        int asked = 0;
        var router = new FakeRouter((request, _) => new(Interlocked.Increment(ref asked) > 0 && request.Prompt == "hard" ? 0.9 : 0.1));
        using var client = new RoutedChatClient(_strong, _weak, router, new() { Threshold = 0.5, Conversations = new() });

        RouteOutcome first = await AskAsync(client, "hard", "a", streaming), second = await AskAsync(client, "easy", "a", streaming), other = await AskAsync(client, "easy", "b", streaming), none = await AskAsync(client, "easy", null, streaming);

        Assert.Equal(("strong", RouteReasons.Threshold), (first.Route, first.Reason));
        Assert.Equal(("strong", RouteReasons.Conversation), (second.Route, second.Reason));
        Assert.Equal(("weak", "weak"), (other.Route, none.Route));
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_conversation_that_may_move_up_never_moves_down()
    {
        using RoutedChatClient client = Ladder(new() { Affinity = ConversationAffinity.MoveUp });

        Assert.Equal("weak", (await AskAsync(client, "0.1", "a")).Route);
        RouteOutcome up = await AskAsync(client, "0.5", "a"), stays = await AskAsync(client, "0.1", "a");
        Assert.Equal(("middle", RouteReasons.Threshold), (up.Route, up.Reason));
        Assert.Equal(("middle", RouteReasons.Conversation), (stays.Route, stays.Reason));
        Assert.Contains("moves up from weak", Assert.Single(up.Steps).Detail, StringComparison.Ordinal);
        Assert.Contains("instead of moving down to weak", Assert.Single(stays.Steps).Detail, StringComparison.Ordinal);
        Assert.Equal(["strong", "strong", "weak"], [(await AskAsync(client, "0.9", "a")).Route, (await AskAsync(client, "0.5", "a")).Route, (await AskAsync(client, "0.1", "b")).Route]);
    }

    [Theory]
    [InlineData(ConversationAffinity.Stay, "strong")]
    [InlineData(ConversationAffinity.MoveUp, "strong")]
    [InlineData(ConversationAffinity.None, "weak")]
    public async Task A_turn_that_another_route_answers_because_its_own_failed_does_not_move_the_conversation(ConversationAffinity affinity, string last)
    {
        using RoutedChatClient client = Ladder(new() { Affinity = affinity });
        await AskAsync(client, "0.9", "a");
        Func<IEnumerable<ChatMessage>, ChatOptions?, CancellationToken, Task<ChatResponse>> answer = _strong.OnResponse;
        _strong.OnResponse = (_, _, _) => throw new HttpRequestException("down");

        RouteOutcome failedOver = await AskAsync(client, "0.9", "a");
        _strong.OnResponse = answer;

        Assert.Equal("middle", failedOver.Route);
        Assert.Equal(last, (await AskAsync(client, "0.1", "a")).Route);
    }

    [Fact]
    public async Task The_route_that_answered_the_first_turn_has_the_conversation_not_the_one_that_failed()
    {
        using RoutedChatClient client = Ladder(new());
        _strong.OnResponse = (_, _, _) => throw new HttpRequestException("down");

        Assert.Equal("middle", (await AskAsync(client, "0.9", "a")).Route);
        Assert.Equal(("middle", RouteReasons.Conversation), ((await AskAsync(client, "0.1", "a")) is var second ? (second.Route, second.Reason) : default));
    }

    [Fact]
    public async Task A_stream_that_its_reader_leaves_early_counts_as_an_answer()
    {
        using RoutedChatClient client = Ladder(new());
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("0.9", new ChatOptions().SetRoutingConversation("a"), Cancel))
        {
            break;
        }

        Assert.Equal("strong", (await AskAsync(client, "0.1", "a")).Route);
    }

    [Fact]
    public async Task The_key_is_found_by_the_options_delegate_and_tenants_do_not_share_conversations()
    {
        var options = new RoutedChatClientOptions
        {
            Conversations = new() { Key = (_, chat) => chat?.AdditionalProperties?.GetValueOrDefault("thread") as string },
        };
        using RoutedChatClient client = Ladder(options);
        ChatOptions Thread(string? tenant = null)
        {
            var chat = new ChatOptions { AdditionalProperties = new() { ["thread"] = "t" } };
            return tenant is null ? chat : chat.SetRoutingTenant(tenant);
        }

        await client.GetResponseAsync("0.9", Thread(), Cancel);
        await client.GetResponseAsync("0.5", Thread("x"), Cancel);

        Assert.Equal(["strong", "middle", "weak"], [
            (await client.GetResponseAsync("0.1", Thread(), Cancel)).GetRouteOutcome()!.Route,
            (await client.GetResponseAsync("0.1", Thread("x"), Cancel)).GetRouteOutcome()!.Route,
            (await client.GetResponseAsync("0.1", Thread("y"), Cancel)).GetRouteOutcome()!.Route]);
    }

    [Fact]
    public async Task No_key_of_a_conversation_reaches_into_another_tenant()
    {
        var store = new MemoryConversationStore();
        using RoutedChatClient client = Ladder(new ConversationOptions { Store = store });
        await client.GetResponseAsync("0.9", new ChatOptions().SetRoutingConversation("x").SetRoutingTenant("abc"), Cancel);

        Assert.Equal("weak", (await AskAsync(client, "0.1", "3:abc:x")).Route);
        Assert.Equal("weak", (await AskAsync(client, "0.1", "tenant:3:abc:conversation:x")).Route);
        Assert.Equal("weak", (await client.GetResponseAsync("0.1", new ChatOptions().SetRoutingConversation("bc:x").SetRoutingTenant("a"), Cancel)).GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task A_conversation_is_forgotten_when_it_has_been_silent_for_long()
    {
        var time = new FakeTimeProvider();
        using RoutedChatClient client = Ladder(new RoutedChatClientOptions { Conversations = new() { Expiry = TimeSpan.FromHours(1) } }, time);
        await AskAsync(client, "0.9", "a");
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("strong", (await AskAsync(client, "0.1", "a")).Route);
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("strong", (await AskAsync(client, "0.1", "a")).Route);
        time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal("weak", (await AskAsync(client, "0.1", "a")).Route);
    }

    [Fact]
    public async Task A_pin_comes_before_affinity_and_does_not_move_the_conversation()
    {
        using RoutedChatClient client = Ladder(new());
        await AskAsync(client, "0.9", "a");
        RouteOutcome pinned = (await client.GetResponseAsync("0.1", new ChatOptions().SetRoutingConversation("a").SetRoute("weak"), Cancel)).GetRouteOutcome()!;

        Assert.Equal(("weak", RouteReasons.Pinned), (pinned.Route, pinned.Reason));
        Assert.Equal("strong", (await AskAsync(client, "0.1", "a")).Route);
    }

    [Fact]
    public async Task Ten_thousand_conversations_of_many_callers_keep_their_routes()
    {
        const int Conversations = 10_000, Turns = 4;
        using RoutedChatClient client = Ladder(new());
        var routes = new string[Conversations];
        await Parallel.ForAsync(0, Conversations, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Cancel }, async (i, _) =>
        {
            var random = new Random(i);
            for (int turn = 0; turn < Turns; turn++)
            {
                string route = (await AskAsync(client, random.Next(10) switch { < 4 => "0.1", < 7 => "0.5", _ => "0.9" }, $"conversation {i}")).Route;
                Assert.Equal(routes[i] ??= route, route);
            }
        });

        Assert.Equal(["middle", "strong", "weak"], routes.Distinct().Order());
        Assert.All(["strong", "middle", "weak"], route => Assert.InRange(routes.Count(taken => taken == route), Conversations / 5, Conversations / 2));
    }

    [Fact]
    public async Task A_store_that_fails_or_hangs_never_fails_a_request_and_is_left_alone_until_it_heals()
    {
        var time = new FakeTimeProvider();
        var log = new ListLogger();
        var store = new FaultyStore(new MemoryConversationStore(timeProvider: time));
        IRoutingPolicy policy = TestLadder.Policy(Routes());
        using var client = new RoutedChatClient(Routes(), policy, new() { Conversations = new() { Store = store } }, log, timeProvider: time);
        await AskAsync(client, "0.9", "a");

        store.Fault = _ => throw new InvalidOperationException("the store is down");
        Assert.Equal("weak", (await AskAsync(client, "0.1", "a")).Route);
        int asked = store.Asked;
        Assert.Equal("weak", (await AskAsync(client, "0.1", "a")).Route);
        Assert.Equal(asked, store.Asked);
        Assert.Single(log.Entries, entry => entry.Text.Contains("conversation store failed", StringComparison.Ordinal));

        store.Fault = token => new(Task.Delay(Timeout.Infinite, token).ContinueWith(_ => (string?)null, TaskScheduler.Default));
        time.Advance(TimeSpan.FromSeconds(6));
        Task<RouteOutcome> hanging = AskAsync(client, "0.1", "a");
        Assert.False(hanging.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("weak", (await hanging).Route);

        store.Fault = null;
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("strong", (await AskAsync(client, "0.1", "a")).Route);
        Assert.Single(log.Entries, entry => entry.Text.Contains("store answers again", StringComparison.Ordinal));
    }

    [Fact]
    public void Bad_options_are_refused_with_what_to_change()
    {
        var conversations = new ConversationOptions { Affinity = (ConversationAffinity)7, Expiry = TimeSpan.Zero, StoreRetryAfter = TimeSpan.FromSeconds(-1) };
        string message = Assert.Throws<ArgumentException>(() => Ladder(new RoutedChatClientOptions { Conversations = conversations })).Message;
        Assert.All(["Conversations.Affinity", "Conversations.Expiry", "Conversations.StoreRetryAfter"], text => Assert.Contains(text, message, StringComparison.Ordinal));
    }

    private static async Task<RouteOutcome> AskAsync(IChatClient client, string prompt, string? conversation, bool streaming = false)
    {
        ChatOptions? options = conversation is null ? null : new ChatOptions().SetRoutingConversation(conversation);
        return streaming
            ? (await client.GetStreamingResponseAsync(prompt, options, Cancel).ToListAsync(Cancel))[0].GetRouteOutcome()!
            : (await client.GetResponseAsync(prompt, options, Cancel)).GetRouteOutcome()!;
    }

    private ModelRoute[] Routes() => [new("strong", _strong), new("middle", _middle), new("weak", _weak)];

    private RoutedChatClient Ladder(ConversationOptions conversations) => Ladder(new RoutedChatClientOptions { Conversations = conversations });

    private RoutedChatClient Ladder(RoutedChatClientOptions options, TimeProvider? time = null)
    {
        ModelRoute[] routes = Routes();
        return new(routes, TestLadder.Policy(routes), options, timeProvider: time);
    }
}
