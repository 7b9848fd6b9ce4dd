using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace RouteLLM.Tests;

public class RouteOutcomeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task An_outcome_survives_a_cache_outside_the_router_and_a_replay_is_marked(bool streaming, bool coalesce)
    {
        TestChatClient weak = TestChatClient.Answering("from weak", "small");
        IChatClient client = new RoutedChatClient(TestChatClient.Failing(new HttpRequestException("down")), weak, new FakeRouter(0.9), new() { Threshold = 0.5 })
            .AsBuilder()
            .UseDistributedCache(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())), cache => cache.CoalesceStreamingUpdates = coalesce)
            .Build();

        RouteOutcome fresh = (await AskAsync(client, streaming)).GetRouteOutcome()!;
        ChatResponse replayed = await AskAsync(client, streaming);
        RouteOutcome replay = replayed.GetRouteOutcome()!;

        Assert.False(fresh.IsReplay);
        Assert.True(replay.IsReplay);
        Assert.Equal("from weak", replayed.Text);
        Assert.Single(weak.Calls);
        Assert.Equal(
            (fresh.Route, fresh.ModelId, fresh.Router, fresh.Reason, fresh.WinProbability, fresh.Threshold, fresh.FailedOver),
            (replay.Route, replay.ModelId, replay.Router, replay.Reason, replay.WinProbability, replay.Threshold, replay.FailedOver));
        Assert.Equal(["strong", "weak"], replay.Attempts.Select(attempt => attempt.Route));
        Assert.Equal(typeof(HttpRequestException).FullName, replay.Attempts[0].ErrorType);
        Assert.Null(replay.Attempts[0].Error);
        Assert.Equal(TimeSpan.Zero, replay.DecisionTime);
    }

    [Fact]
    public async Task An_outcome_without_a_finite_threshold_survives_too()
    {
        using var client = new RoutedChatClient(TestChatClient.Answering("s"), TestChatClient.Answering("w"), FakeRouter.ReadingPrompts(), new() { StrongShare = 0 });
        ChatResponse response = await client.GetResponseAsync("0.7", cancellationToken: Cancel);

        string json = JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions);
        RouteOutcome replay = JsonSerializer.Deserialize<ChatResponse>(json, AIJsonUtilities.DefaultOptions)!.GetRouteOutcome()!;

        Assert.Equal(double.PositiveInfinity, replay.Threshold);
    }

    [Theory]
    [InlineData("message-1")]
    [InlineData(null)]
    public async Task An_outcome_is_read_from_updates_and_from_what_is_put_together_from_them(string? messageId)
    {
        var strong = new TestChatClient
        {
            OnStream = (_, _, cancellationToken) => TestChatClient.StreamAsync("one two three", cancellationToken).Select(update =>
            {
                update.MessageId = messageId;
                return update;
            }),
        };
        using var client = new RoutedChatClient(strong, TestChatClient.Answering("w"), new FakeRouter(0.9), new() { Threshold = 0.5 });

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("hi", cancellationToken: Cancel).ToListAsync(Cancel);

        Assert.Equal(3, updates.Count);
        Assert.Equal("strong", updates[0].GetRouteOutcome()!.Route);
        Assert.All(updates.Skip(1), update => Assert.Null(update.GetRouteOutcome()));
        ChatResponse response = updates.ToChatResponse();
        Assert.Equal("strong", response.GetRouteOutcome()!.Route);
        Assert.Equal("strong", response.ToChatResponseUpdates().ToChatResponse().GetRouteOutcome()!.Route);

        // Microsoft.Extensions.AI files an update's properties with the message only if the update names one.
        Assert.Equal(messageId is null ? null : "strong", response.Messages[0].GetRouteOutcome()?.Route);
    }

    [Fact]
    public async Task A_first_update_without_content_carries_the_outcome_as_well()
    {
        var strong = new TestChatClient { OnStream = (_, _, _) => new[] { new ChatResponseUpdate { ConversationId = "c" }, new ChatResponseUpdate(ChatRole.Assistant, "hi") }.ToAsyncEnumerable() };
        using var client = new RoutedChatClient(strong, TestChatClient.Answering("w"), new FakeRouter(0.9), new() { Threshold = 0.5 });

        Assert.Equal("strong", (await client.GetStreamingResponseAsync("hi", cancellationToken: Cancel).ToChatResponseAsync(Cancel)).GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task Objects_that_a_client_hands_to_everyone_are_not_changed()
    {
        var message = new ChatMessage(ChatRole.Assistant, "same");
        var shared = new ChatResponse(message) { ResponseId = "r", ConversationId = "c", ModelId = "m", FinishReason = ChatFinishReason.Stop, Usage = new() { InputTokenCount = 1 }, RawRepresentation = this };
        var token = ResponseContinuationToken.FromBytes(new byte[] { 1, 2 });
        var update = new ChatResponseUpdate(ChatRole.Assistant, "same") { ContinuationToken = token, AdditionalProperties = new() { ["theirs"] = 1 } };
        var strong = new TestChatClient { OnResponse = (_, _, _) => Task.FromResult(shared), OnStream = (_, _, _) => new[] { update }.ToAsyncEnumerable() };
        using var client = new RoutedChatClient(strong, strong, FakeRouter.ReadingPrompts(), new() { Threshold = 0.5 });

        ChatResponse first = await client.GetResponseAsync("0.9", cancellationToken: Cancel);
        ChatResponse second = await client.GetResponseAsync("0.1", new() { ConversationId = null }, Cancel);
        ChatResponseUpdate streamed = await client.GetStreamingResponseAsync("0.9", cancellationToken: Cancel).SingleAsync(Cancel);

        Assert.Null(message.AdditionalProperties);
        Assert.Null(shared.AdditionalProperties);
        Assert.Equal(["theirs"], update.AdditionalProperties.Keys);
        Assert.Equal(("strong", "weak"), (first.GetRouteOutcome()!.Route, second.GetRouteOutcome()!.Route));
        Assert.Equal(("r", "c", "m", ChatFinishReason.Stop, 1), (first.ResponseId, first.ConversationId, first.ModelId, first.FinishReason!.Value, first.Usage!.InputTokenCount!.Value));
        Assert.Same(this, first.RawRepresentation);
        Assert.Equal("m", first.GetRouteOutcome()!.ModelId);
        Assert.Same(token, streamed.ContinuationToken);
        Assert.Equal(1, streamed.AdditionalProperties!["theirs"]);
    }

    [Fact]
    public async Task A_response_without_messages_carries_the_outcome_itself()
    {
        var strong = new TestChatClient { OnResponse = (_, _, _) => Task.FromResult(new ChatResponse()) };
        using var client = new RoutedChatClient(strong, strong, new FakeRouter(0.9), new() { Threshold = 0.5 });
        Assert.Equal("strong", (await client.GetResponseAsync("hi", cancellationToken: Cancel)).GetRouteOutcome()!.Route);
    }

    [Fact]
    public void What_was_written_by_another_version_is_no_outcome()
    {
        var message = new ChatMessage { AdditionalProperties = new() { ["routellm.outcome"] = JsonDocument.Parse("[\"{\\\"other\\\":1}\"]").RootElement } };
        Assert.Null(message.GetRouteOutcome());
        message.AdditionalProperties["routellm.outcome"] = JsonDocument.Parse("[\"no json\"]").RootElement;
        Assert.Null(message.GetRouteOutcome());
        message.AdditionalProperties["routellm.outcome"] = 7;
        Assert.Null(message.GetRouteOutcome());
        Assert.Null(new ChatMessage().GetRouteOutcome());
    }

    private static Task<ChatResponse> AskAsync(IChatClient client, bool streaming) => streaming
        ? client.GetStreamingResponseAsync("hi", cancellationToken: Cancel).ToChatResponseAsync(Cancel)
        : client.GetResponseAsync("hi", cancellationToken: Cancel);
}
