using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace RouteLLM.Tests.Contracts;

/// <summary>Outcomes on their way through caches, serialisers and conversions.</summary>
public class ReplayTests
{
    /// <summary>What Microsoft.Extensions.AI's own options are in an application without reflection: source-generated contracts alone.</summary>
    private static readonly JsonSerializerOptions s_withoutReflection = WithoutReflection();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<bool, bool, bool> Caches => new() { { false, true, false }, { false, true, true }, { true, true, false }, { true, true, true }, { true, false, false }, { true, false, true } };

    [Theory]
    [MemberData(nameof(Caches))]
    public async Task An_outcome_survives_a_cache_that_knows_no_reflection_and_a_replay_is_marked_whenever_it_is_read(bool streaming, bool coalesce, bool messageIds)
    {
        var model = new ChatClientOf(() => new ChatMessage(ChatRole.Assistant, "one two") { MessageId = messageIds ? "m" : null });
        using IChatClient client = Cached(new RoutedChatClient(model, TestChatClient.Answering("w"), new FakeRouter(0.75), new() { Threshold = 0.5 }), coalesce);

        ChatResponse fresh = await client.AskAsync("hi", streaming);
        ChatResponse replayed = await client.AskAsync("hi", streaming);

        Assert.Equal(1, model.Calls);
        Assert.Equal(("one two", "one two"), (fresh.Text, replayed.Text));
        for (int i = 0; i < 2; i++)
        {
            Assert.False(fresh.GetRouteOutcome()!.IsReplay);
            Assert.True(replayed.GetRouteOutcome()!.IsReplay);
            Assert.Equal(0.75, replayed.GetRouteOutcome()!.WinProbability);
        }
    }

    [Fact]
    public void Without_reflection_the_serialiser_would_refuse_the_outcome_itself()
    {
        // That the options above do what they are meant to.
        var message = new ChatMessage { AdditionalProperties = new() { ["own"] = new RouteOutcome { Route = "a", Reason = "b" } } };
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(message, s_withoutReflection.GetTypeInfo(typeof(ChatMessage))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_turn_is_found_in_the_cache_whether_the_turn_before_was_fresh_or_a_replay(bool streaming)
    {
        var model = new ChatClientOf(() => new ChatMessage(ChatRole.Assistant, "answer") { MessageId = "m" });
        using IChatClient client = Cached(new RoutedChatClient(model, TestChatClient.Answering("w"), new FakeRouter(0.75), new() { Threshold = 0.5 }), coalesce: true);
        var question = new ChatMessage(ChatRole.User, "hi");

        for (int i = 0; i < 3; i++)
        {
            ChatResponse first = await client.AskAsync([question], streaming);
            await client.AskAsync([question, .. first.Messages, new(ChatRole.User, "and then?")], streaming);
        }

        Assert.Equal(2, model.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replay_stays_a_replay_through_further_caches_and_conversions(bool streaming)
    {
        using var routed = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("w"), new FakeRouter(0.75), new() { Threshold = 0.5 });
        ChatResponse response = await routed.AskAsync("hi", streaming);
        for (int i = 0; i < 3; i++)
        {
            response = JsonSerializer.Deserialize<ChatResponse>(JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!.ToChatResponseUpdates().ToChatResponse();
            Assert.True(response.GetRouteOutcome()!.IsReplay);
            Assert.Equal("strong", response.GetRouteOutcome()!.Route);
        }
    }

    [Fact]
    public async Task What_is_stored_of_an_outcome_is_the_same_for_the_same_decision_and_holds_nothing_of_the_prompt()
    {
        const string Secret = "zebra crossing";
        using var client = new RoutedChatClient(TestChatClient.Failing(new HttpRequestException(Secret)), TestChatClient.Answering("w"), new FakeRouter(0.75), new() { Threshold = 0.5 });

        string[] stored = [.. (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.AskAsync(Secret, streaming: false)))).Select(response => JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions))];

        Assert.Single(stored.Distinct());
        Assert.DoesNotContain(Secret, stored[0]);
        Assert.Contains(nameof(HttpRequestException), stored[0]);
    }

    [Fact]
    public async Task Structured_output_carries_the_outcome()
    {
        using var client = new RoutedChatClient(TestChatClient.Answering("{\"data\":[1,2]}"), TestChatClient.Answering("w"), new FakeRouter(0.75), new() { Threshold = 0.5 });
        ChatResponse<int[]> response = await client.GetResponseAsync<int[]>("hi", cancellationToken: Cancel);
        Assert.Equal([1, 2], response.Result);
        Assert.Equal("strong", response.GetRouteOutcome()!.Route);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Middleware_that_writes_whole_responses_down_can_write_them(bool streaming)
    {
        var log = new ListLogger();
        using IChatClient client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("w"), new FakeRouter(0.75), new() { Threshold = 0.5 })
            .AsBuilder().UseLogging(log).UseOpenTelemetry(log, configure: telemetry => telemetry.EnableSensitiveData = true).Build();

        Assert.Equal("strong", (await client.AskAsync("hi", streaming)).GetRouteOutcome()!.Route);

        Assert.Contains(log.Entries, entry => entry.Level == LogLevel.Trace && entry.Text.Contains("routellm.outcome", StringComparison.Ordinal) && entry.Text.Contains("win", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Outcomes_of_calls_that_are_given_one_and_the_same_object_do_not_mix(bool streaming)
    {
        var message = new ChatMessage(ChatRole.Assistant, "same") { MessageId = "m" };
        var response = new ChatResponse(message);
        var update = new ChatResponseUpdate(ChatRole.Assistant, "same") { MessageId = "m" };
        var model = new TestChatClient { OnResponse = (_, _, _) => Task.FromResult(response), OnStream = (_, _, _) => new[] { update }.ToAsyncEnumerable() };
        using var client = new RoutedChatClient(model, model, FakeRouter.ReadingPrompts(), new() { Threshold = 0.5 });
        string[] prompts = [.. Enumerable.Range(0, 500).Select(i => (i / 500.0).ToString(System.Globalization.CultureInfo.InvariantCulture))];

        ChatResponse[] responses = await Task.WhenAll(prompts.Select(prompt => Task.Run(() => client.AskAsync(prompt, streaming))));

        Assert.Equal(prompts.Select(double.Parse), responses.Select(answer => answer.GetRouteOutcome()!.WinProbability!.Value));
        Assert.All(responses, answer => Assert.Equal("same", answer.Text));
        Assert.True(message.AdditionalProperties is null && response.AdditionalProperties is null && update.AdditionalProperties is null);
        Assert.Same(message, Assert.Single(response.Messages));
    }

    [Fact]
    public async Task Every_property_of_a_response_and_of_a_first_update_reaches_the_caller()
    {
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi"));
        var update = new ChatResponseUpdate(ChatRole.Assistant, "hi");
        Fill(response);
        Fill(update);
        var model = new TestChatClient { OnResponse = (_, _, _) => Task.FromResult(response), OnStream = (_, _, _) => new[] { update }.ToAsyncEnumerable() };
        using var client = new RoutedChatClient(model, model, new FakeRouter(1), new() { Threshold = 0.5 });

        AssertSame(response, await client.GetResponseAsync("hi", cancellationToken: Cancel), nameof(ChatResponse.Messages));
        AssertSame(update, await client.GetStreamingResponseAsync("hi", cancellationToken: Cancel).SingleAsync(Cancel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Derived_responses_and_updates_stay_what_they_are_and_carry_the_outcome(bool streaming)
    {
        var response = new OwnResponse();
        var update = new OwnUpdate();
        var model = new TestChatClient { OnResponse = (_, _, _) => Task.FromResult<ChatResponse>(response), OnStream = (_, _, _) => new ChatResponseUpdate[] { update }.ToAsyncEnumerable() };
        using var client = new RoutedChatClient(model, model, new FakeRouter(1), new() { Threshold = 0.5 });

        if (streaming)
        {
            ChatResponseUpdate received = await client.GetStreamingResponseAsync("hi", cancellationToken: Cancel).SingleAsync(Cancel);
            Assert.Same(update, received);
            Assert.Equal("strong", received.GetRouteOutcome()!.Route);
        }
        else
        {
            ChatResponse received = await client.GetResponseAsync("hi", cancellationToken: Cancel);
            Assert.Same(response, received);
            Assert.Equal("strong", received.GetRouteOutcome()!.Route);
        }
    }

    /// <summary>Gives every property that can be set a value that is not its default, so that one that a later version adds is not forgotten.</summary>
    private static void Fill(object target)
    {
        foreach (PropertyInfo property in target.GetType().GetProperties().Where(property => property.CanWrite && property.GetIndexParameters().Length == 0))
        {
            if (property.GetValue(target) is null)
            {
                Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                property.SetValue(target, type switch
                {
                    _ when type == typeof(string) => property.Name,
                    _ when type == typeof(DateTimeOffset) => DateTimeOffset.UnixEpoch,
                    _ when type == typeof(ChatFinishReason) => ChatFinishReason.Stop,
                    _ when type == typeof(ChatRole) => ChatRole.Assistant,
                    _ when type == typeof(ResponseContinuationToken) => ResponseContinuationToken.FromBytes(new byte[] { 1 }),
                    _ when type == typeof(AdditionalPropertiesDictionary) => new AdditionalPropertiesDictionary { ["theirs"] = 1 },
                    _ when type == typeof(object) => new object(),
                    _ => Activator.CreateInstance(type),
                });
            }
        }
    }

    private static void AssertSame<T>(T expected, T actual, params string[] except)
        where T : notnull
    {
        foreach (PropertyInfo property in typeof(T).GetProperties().Where(property => property.CanRead && property.GetIndexParameters().Length == 0 && !except.Contains(property.Name)))
        {
            object? value = property.GetValue(actual);
            Assert.NotNull(value);
            if (property.Name == nameof(ChatResponse.AdditionalProperties))
            {
                Assert.Equal(1, ((AdditionalPropertiesDictionary)value)["theirs"]);
            }
            else
            {
                Assert.Equal(property.GetValue(expected), value);
            }
        }
    }

    private static IChatClient Cached(IChatClient client, bool coalesce) => client.AsBuilder()
        .UseDistributedCache(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())), cache =>
        {
            cache.CoalesceStreamingUpdates = coalesce;
            cache.JsonSerializerOptions = s_withoutReflection;
        })
        .Build();

    private static JsonSerializerOptions WithoutReflection()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions);
        for (int i = options.TypeInfoResolverChain.Count - 1; i >= 0; i--)
        {
            if (options.TypeInfoResolverChain[i] is DefaultJsonTypeInfoResolver)
            {
                options.TypeInfoResolverChain.RemoveAt(i);
            }
        }

        for (int i = options.Converters.Count - 1; i >= 0; i--)
        {
            if (options.Converters[i] is JsonStringEnumConverter)
            {
                options.Converters.RemoveAt(i);
            }
        }

        options.MakeReadOnly();
        return options;
    }

    private sealed class OwnResponse : ChatResponse;

    private sealed class OwnUpdate : ChatResponseUpdate;

    /// <summary>A model that answers with a new message each time, streamed in two parts.</summary>
    private sealed class ChatClientOf(Func<ChatMessage> answer) : IChatClient
    {
        public int Calls { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls++;
            return Task.FromResult(new ChatResponse(answer()));
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Calls++;
            ChatMessage message = answer();
            foreach (string part in message.Text.Split(' ', 2))
            {
                await Task.Yield();
                yield return new ChatResponseUpdate(ChatRole.Assistant, part == message.Text || message.Text.StartsWith(part, StringComparison.Ordinal) ? part : $" {part}") { MessageId = message.MessageId };
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
