using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Internals;

namespace RouteLLM.Tests;

/// <summary>However a request ends, its gates are told once, its deployment is left, and what it used is known.</summary>
public class WaysOutTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_left_early_completes_its_admission_though_closing_it_fails()
    {
        var gate = new RecordingGate();
        using RoutedChatClient client = Client(new TestChatClient { OnStream = (_, _, _) => FailToCloseAsync() }, new() { Gates = { gate } });

        await Assert.ThrowsAsync<IOException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hello", cancellationToken: Cancel))
            {
                break;
            }
        });

        Assert.Equal([RouteAttemptStatus.Cancelled], gate.Results.Select(result => result.Status));

        static void Close() => throw new IOException("The connection is gone.");

        static async IAsyncEnumerable<ChatResponseUpdate> FailToCloseAsync()
        {
            try
            {
                await Task.Yield();
                yield return new(ChatRole.Assistant, "a");
                yield return new(ChatRole.Assistant, "b");
            }
            finally
            {
                Close();
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delegate_that_throws_over_a_failure_completes_the_admission(bool streaming)
    {
        var gate = new RecordingGate();
        using RoutedChatClient client = Client(
            TestChatClient.Failing(new HttpRequestException("down")), new() { Gates = { gate }, ShouldFailOver = _ => throw new InvalidOperationException("a bug") });

        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(client, streaming));

        Assert.Equal([RouteAttemptStatus.Failed], gate.Results.Select(result => result.Status));
    }

    [Fact]
    public async Task A_response_that_throws_when_it_is_looked_at_completes_the_admission()
    {
        var gate = new RecordingGate();
        using RoutedChatClient client = Client(
            new TestChatClient { OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "answer")) { ContinuationToken = new BrokenToken() }) }, new() { Gates = { gate } });

        await Assert.ThrowsAsync<NotSupportedException>(() => AskAsync(client, streaming: false));

        Assert.Equal([RouteAttemptStatus.Failed], gate.Results.Select(result => result.Status));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_used_is_estimated_though_the_token_counter_throws(bool streaming)
    {
        var gate = new RecordingGate();
        using RoutedChatClient client = Client(
            TestChatClient.Answering("a long answer"), new() { Gates = { gate }, TokenCounter = TokenCounter.Create(_ => throw new InvalidOperationException("a bug")) });

        Assert.Equal("a long answer", (await AskAsync(client, streaming)).Text);

        RouteAttemptResult result = Assert.Single(gate.Results);
        Assert.Equal((RouteAttemptStatus.Answered, true), (result.Status, result.IsUsageEstimated));
        Assert.Equal(TokenCounter.Estimate.Count("a long answer"), result.Usage!.OutputTokenCount);
        Assert.True(result.Cost > 0);
    }

    [Fact]
    public async Task The_output_of_a_stream_cut_short_is_estimated_where_the_provider_has_told_the_input_only()
    {
        var gate = new RecordingGate();
        using RoutedChatClient client = Client(new TestChatClient { OnStream = (_, _, _) => UsageFirstAsync() }, new() { Gates = { gate } });

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hello", cancellationToken: Cancel))
        {
            if (update.Text == " tokens")
            {
                break;
            }
        }

        RouteAttemptResult result = Assert.Single(gate.Results);
        Assert.Equal((17, TokenCounter.Estimate.Count("some tokens"), true), (result.Usage!.InputTokenCount, result.Usage.OutputTokenCount, result.IsUsageEstimated));
        Assert.Equal(Priced.Price!.CostOf(17, result.Usage.OutputTokenCount!.Value), result.Cost);

        static async IAsyncEnumerable<ChatResponseUpdate> UsageFirstAsync()
        {
            await Task.Yield();
            yield return new(ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = 17 })]);
            yield return new(ChatRole.Assistant, "some");
            yield return new(ChatRole.Assistant, " tokens");
            yield return new(ChatRole.Assistant, [new UsageContent(new() { OutputTokenCount = 400 })]);
        }
    }

    [Fact]
    public async Task Middleware_that_speaks_before_the_model_is_called_is_no_cache()
    {
        var gate = new RecordingGate();
        using RoutedChatClient client = Client(
            new ModelRoute("strong", TestChatClient.Answering("the answer"), builder => builder.Use(static inner => new Announcing(inner))) { Profile = Priced }, new() { Gates = { gate } });

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync("hello", cancellationToken: Cancel).ToListAsync(Cancel);

        Assert.Equal("one moment: the answer", string.Concat(updates.Select(update => update.Text)));
        RouteAttemptResult result = Assert.Single(gate.Results);
        Assert.Equal(RouteAttemptStatus.Answered, result.Status);
        Assert.True(result.Cost > 0);
        Assert.False(updates[0].GetRouteOutcome()!.FromCache);
    }

    [Fact]
    public async Task An_answer_from_a_cache_that_is_left_early_costs_nothing()
    {
        var gate = new RecordingGate();
        using RoutedChatClient client = Client(
            new ModelRoute("strong", TestChatClient.Answering("not called"), builder => builder.Use(static _ => TestChatClient.Answering("a b c"))) { Profile = Priced }, new() { Gates = { gate } });

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hello", cancellationToken: Cancel))
        {
            break;
        }

        RouteAttemptResult result = Assert.Single(gate.Results);
        Assert.Equal((RouteAttemptStatus.Cancelled, null, 0m), (result.Status, result.Usage, result.Cost));
    }

    [Fact]
    public async Task A_turn_cancelled_before_any_output_ties_its_conversation_to_no_route()
    {
        var store = new MemoryConversationStore();
        using var cancellation = new CancellationTokenSource();
        using RoutedChatClient client = Client(
            new TestChatClient
            {
                OnResponse = (_, _, token) =>
                {
                    cancellation.Cancel();
                    return Task.FromCanceled<ChatResponse>(token);
                },
            },
            new() { Conversations = new() { Affinity = ConversationAffinity.Stay, Store = store, Key = (_, _) => "c" } });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("hello", cancellationToken: cancellation.Token));

        Assert.Equal("weak", await store.GetOrAddAsync("conversation:c", "weak", TimeSpan.FromHours(1), Cancel));
    }

    [Fact]
    public async Task A_delegate_that_throws_over_a_failed_call_leaves_its_deployment()
    {
        using RoutedChatClient client = Client(TestChatClient.Failing(new HttpRequestException("down")), new() { Resilience = new() { IsTransient = _ => throw new InvalidOperationException("a bug") } });

        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(client, streaming: false));

        Assert.All(client.GetService<DeploymentHealth>()!.GetStatuses(), status => Assert.Equal(0, status.CallsUnderWay));
    }

    [Fact]
    public async Task Idle_deployments_take_turns_also_after_a_change_of_the_configuration()
    {
        var clock = new FakeTimeProvider();
        var state = new RoutingState();
        var route = new ModelRoute("strong", [new("one", TestChatClient.Answering("one")), new("two", TestChatClient.Answering("two"))]);
        using var client = new RoutedChatClient(Plan(), null, null);
        await TurnsAsync(11);

        client.Follow(Plan());

        Assert.Equal(["two", "one", "two", "one"], await TurnsAsync(4));

        RoutingPlan Plan() => new(
            [route], new ThresholdPolicy(route, route, new FakeRouter(1), new() { Threshold = 0.5 }), new() { Resilience = new() { Balancing = LoadBalancing.LeastBusy } }, timeProvider: clock, state: state);

        async Task<List<string>> TurnsAsync(int count)
        {
            var turns = new List<string>();
            for (int i = 0; i < count; i++)
            {
                turns.Add((await AskAsync(client, streaming: false)).Text);
            }

            return turns;
        }
    }

    [Fact]
    public async Task A_variant_keeps_its_threshold_beside_an_adaptive_one()
    {
        var options = new TwoModelRoutingOptions
        {
            Threshold = 0.5,
            AdaptiveThreshold = new() { StrongShare = 0.5, MinimumRequests = 1 },
            Split = new() { Variants = [new() { Name = "never", Threshold = 1 }] },
        };
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new FakeRouter(0.7), options);

        for (int i = 0; i < 20; i++)
        {
            RouteOutcome outcome = (await AskAsync(client, streaming: false)).GetRouteOutcome()!;
            Assert.Equal(("weak", 1), (outcome.Route, outcome.Threshold));
        }
    }

    [Fact]
    public async Task A_conversation_gets_one_variant_also_where_a_delegate_tells_its_key()
    {
        var observer = new RecordingObserver();
        var options = new TwoModelRoutingOptions
        {
            Threshold = 0.5,
            Observers = { observer },
            Conversations = new() { Affinity = ConversationAffinity.None, Key = (_, _) => "c" },
            Split = new() { Variants = [new() { Name = "a" }, new() { Name = "b" }] },
        };
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new FakeRouter(0.7), options);

        for (int i = 0; i < 20; i++)
        {
            await client.GetResponseAsync($"turn {i}", cancellationToken: Cancel);
        }

        Assert.Single(observer.Records.Select(record => record.Decision.Variant).Distinct());
    }

    [Fact]
    public async Task An_error_of_constraints_says_what_the_policy_has_removed_and_why()
    {
        ModelRoute strong = new("strong", TestChatClient.Answering("strong")), weak = new("weak", TestChatClient.Answering("weak")) { Profile = new() { Abilities = ModelAbilities.None } };
        var third = new ModelRoute("third", TestChatClient.Answering("third"));
        using var client = new RoutedChatClient([strong, weak, third], new WithoutMoney(strong, weak));
        ChatOptions options = new() { Tools = [AIFunctionFactory.Create(() => 1, "one")] };

        NoRouteAvailableException error = await Assert.ThrowsAsync<NoRouteAvailableException>(() => client.GetResponseAsync("hello", options, Cancel));

        Assert.Contains(error.Skips, skip => skip is { Route: "strong", Cause: "money" });
    }

    private static ModelProfile Priced => new() { Price = new(1, 2) };

    private static RoutedChatClient Client(IChatClient strong, RoutedChatClientOptions options) => Client(new ModelRoute("strong", strong) { Profile = Priced }, options);

    private static RoutedChatClient Client(ModelRoute strong, RoutedChatClientOptions options)
    {
        var weak = new ModelRoute("weak", TestChatClient.Answering("weak")) { Profile = Priced };
        return new([strong, weak], new ThresholdPolicy(strong, weak, new FakeRouter(1), new() { Threshold = 0.5 }), options);
    }

    private static async Task<ChatResponse> AskAsync(RoutedChatClient client, bool streaming) => streaming
        ? await client.GetStreamingResponseAsync("hello", cancellationToken: Cancel).ToChatResponseAsync(Cancel)
        : await client.GetResponseAsync("hello", cancellationToken: Cancel);

    private sealed class RecordingGate : IRouteGate
    {
        public List<RouteAttemptResult> Results { get; } = [];

        public ValueTask<RouteAdmission> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken = default) => new(new Admission(Results));

        private sealed class Admission(List<RouteAttemptResult> results) : RouteAdmission
        {
            public override ValueTask CompleteAsync(RouteAttemptResult result)
            {
                results.Add(result);
                return ValueTask.CompletedTask;
            }
        }
    }

    private sealed class Announcing(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return new(ChatRole.Assistant, "one moment: ");
            await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                yield return update;
            }
        }
    }

    private sealed class WithoutMoney(ModelRoute strong, ModelRoute weak) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
            new(new RouteDecision([weak], "cheap") { Skips = [new(strong.Name, "money", "it is too dear today")] });
    }

    private sealed class BrokenToken : ResponseContinuationToken
    {
        public override ReadOnlyMemory<byte> ToBytes() => throw new NotSupportedException("no bytes");
    }
}
