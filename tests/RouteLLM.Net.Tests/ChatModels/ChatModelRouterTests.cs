using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Diagnostics;
using RouteLLM.Tests.Baselines;

namespace RouteLLM.Tests.ChatModels;

/// <summary>What routers that ask a chat model have in common, shown on the judge.</summary>
public class ChatModelRouterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_model_that_exceeds_its_time_limit_is_cancelled_and_left_even_if_it_does_not_listen(bool obedient)
    {
        var clock = new FakeTimeProvider();
        CancellationToken token = default;
        var answer = new TaskCompletionSource<string>();
        TestChatClient judge = Judging.Waiting(answer, obedient: obedient);
        var inner = judge.OnResponse;
        judge.OnResponse = (messages, options, calls) => inner(messages, options, token = calls);
        var router = new JudgeRouter(judge, new() { TimeLimit = TimeSpan.FromSeconds(2) }, clock);
        Task<double> score = router.ScoreAsync("x");

        clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(score.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Contains("00:00:02", (await Assert.ThrowsAsync<TimeoutException>(() => score)).Message, StringComparison.Ordinal);
        Assert.True(token.IsCancellationRequested);
        Assert.Equal(1, router.Usage.Failures);
    }

    [Fact]
    public async Task A_model_that_is_late_or_fails_is_replaced_by_the_fallback_and_asked_again_the_next_time()
    {
        var clock = new FakeTimeProvider();
        var answer = new TaskCompletionSource<string>();
        TestChatClient judge = Judging.Waiting(answer);
        var router = new JudgeRouter(judge, new() { TimeLimit = TimeSpan.FromSeconds(1), Fallback = new PromptLengthRouter() }, clock);
        double expected = await new PromptLengthRouter().ScoreAsync("prove it");

        Task<double> late = router.ScoreAsync("prove it");
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(expected, await late);

        judge.OnResponse = (_, _, _) => throw new HttpRequestException("down");
        Assert.Equal(expected, await router.ScoreAsync("prove it"));
        judge.OnResponse = (_, _, _) => throw new TaskCanceledException("The provider's own time-out.");
        Assert.Equal(expected, await router.ScoreAsync("prove it"));
        Assert.Equal(3, router.Usage.Failures);

        judge.OnResponse = (_, _, _) => Task.FromResult(Judging.Answer("""{"difficulty": 10}"""));
        Assert.Equal(JudgeRouter.DefaultWinProbabilities[9], await router.ScoreAsync("prove it"));
        Assert.Equal(3, router.Usage.Failures);
    }

    [Fact]
    public async Task Without_a_fallback_a_failure_is_the_routers()
    {
        var router = new JudgeRouter(TestChatClient.Failing(new HttpRequestException("down")));
        await Assert.ThrowsAsync<HttpRequestException>(() => router.ScoreAsync("x"));
    }

    [Fact]
    public async Task Cancellation_is_the_callers_and_no_failure()
    {
        using var source = new CancellationTokenSource();
        CancellationToken modelsToken = default;
        var judge = new TestChatClient
        {
            OnResponse = async (_, _, token) =>
            {
                modelsToken = token;
                await source.CancelAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return new ChatResponse();
            },
        };
        var router = new JudgeRouter(judge, new() { Fallback = new FixedRouter(0.5), TimeLimit = Timeout.InfiniteTimeSpan });

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilityAsync("x", source.Token));
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.True(modelsToken.IsCancellationRequested);
        Assert.Equal(0, router.Usage.Failures);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilityAsync("y", source.Token));
        Assert.Single(judge.Calls);
    }

    [Fact]
    public async Task Requests_for_one_prompt_at_the_same_time_share_a_call_and_afterwards_its_score()
    {
        var answer = new TaskCompletionSource<string>();
        TestChatClient judge = Judging.Waiting(answer);
        var router = new JudgeRouter(judge);

        Task<double>[] scores = [.. Enumerable.Range(0, 50).Select(_ => router.ScoreAsync("same"))];
        answer.SetResult("""{"difficulty": 8}""");

        Assert.All(await Task.WhenAll(scores), static score => Assert.Equal(0.62, score));
        Task<double> cached = router.ScoreAsync("same");
        Assert.True(cached.IsCompletedSuccessfully);
        Assert.Single(judge.Calls);

        await router.ScoreAsync("another");
        Assert.Equal(2, judge.Calls.Count);
    }

    [Fact]
    public async Task Who_cancels_a_shared_call_leaves_the_others_theirs_and_the_last_to_leave_ends_it()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        CancellationToken modelsToken = default;
        var answer = new TaskCompletionSource<string>();
        TestChatClient judge = Judging.Waiting(answer);
        var inner = judge.OnResponse;
        judge.OnResponse = (messages, options, token) => inner(messages, options, modelsToken = token);
        var router = new JudgeRouter(judge, new() { TimeLimit = Timeout.InfiniteTimeSpan });

        // The call was started by the first, and outlives it.
        Task<double> started = router.PredictWinProbabilityAsync("same", first.Token).AsTask();
        Task<double> joined = router.PredictWinProbabilityAsync("same", second.Token).AsTask();
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => started);
        Assert.False(modelsToken.IsCancellationRequested);
        Assert.False(joined.IsCompleted);

        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joined);
        Assert.True(modelsToken.IsCancellationRequested);

        // Who comes after that does not wait for a call that is being given up.
        Task<double> anew = router.ScoreAsync("same");
        answer.SetResult("""{"difficulty": 1}""");
        Assert.Equal(0.03, await anew);
        Assert.Equal(2, judge.Calls.Count);
    }

    [Fact]
    public async Task A_failure_is_shared_by_those_who_wait_for_it_and_never_cached()
    {
        var answer = new TaskCompletionSource<string>();
        TestChatClient judge = Judging.Waiting(answer);
        var router = new JudgeRouter(judge);
        Task<double>[] scores = [.. Enumerable.Range(0, 10).Select(_ => router.ScoreAsync("same"))];
        answer.SetException(new HttpRequestException("down"));

        foreach (Task<double> score in scores)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => score);
        }

        Assert.Single(judge.Calls);
        judge.OnResponse = (_, _, _) => Task.FromResult(Judging.Answer("""{"difficulty": 1}"""));
        Assert.Equal(0.03, await router.ScoreAsync("same"));
    }

    [Fact]
    public async Task A_great_many_requests_from_many_threads_make_one_call_a_prompt_and_get_the_right_scores()
    {
        var judge = new TestChatClient
        {
            OnResponse = async (messages, _, _) =>
            {
                await Task.Yield();
                return Judging.Answer($$"""{"difficulty": {{messages.Last().Text.Split('\n')[2].Length}}}""");
            },
        };
        var router = new JudgeRouter(judge);
        await Parallel.ForAsync(0, 5000, Cancel, async (i, token) =>
        {
            int difficulty = 1 + (i % 10);
            Assert.Equal(JudgeRouter.DefaultWinProbabilities[difficulty - 1], await router.PredictWinProbabilityAsync(new string('x', difficulty), token));
        });

        Assert.Equal(10, judge.Calls.Count);
        Assert.Equal(10, router.Usage.Calls);
    }

    [Fact]
    public async Task A_batch_keeps_its_order_runs_so_many_at_a_time_and_shares_what_repeats()
    {
        int running = 0, most = 0;
        var judge = new TestChatClient
        {
            OnResponse = async (messages, _, _) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return Judging.Answer($$"""{"difficulty": {{messages.Last().Text.Split('\n')[2]}}}""");
            },
        };
        var router = new JudgeRouter(judge, new() { MaxConcurrency = 3 });
        string[] prompts = [.. Enumerable.Range(0, 60).Select(static i => $"{1 + (i % 10)}")];

        IReadOnlyList<double> scores = await router.PredictWinProbabilitiesAsync(prompts, Cancel);

        Assert.Equal(prompts.Select(static prompt => JudgeRouter.DefaultWinProbabilities[int.Parse(prompt, System.Globalization.CultureInfo.InvariantCulture) - 1]), scores);
        Assert.Equal(10, judge.Calls.Count);
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task Without_a_cache_every_request_is_asked()
    {
        TestChatClient judge = Judging.Difficulty(2);
        var router = new JudgeRouter(judge, new() { CacheCapacity = 0 });
        await router.ScoreAsync("same");
        await router.ScoreAsync("same");
        Assert.Equal(2, judge.Calls.Count);
    }

    [Fact]
    public async Task What_it_uses_is_added_up_and_each_call_is_told()
    {
        var calls = new List<ChatModelCall>();
        var judge = new TestChatClient
        {
            OnResponse = (_, _, _) =>
            {
                ChatResponse response = Judging.Answer("""{"difficulty": 1}""", 100, 5);
                response.ModelId = "tiny-2026";
                response.Usage!.CachedInputTokenCount = 64;
                return Task.FromResult(response);
            },
        };
        var router = new JudgeRouter(judge, new() { OnCall = calls.Add, ConfigureOptions = static options => options.ModelId = "tiny", Fallback = new FixedRouter(0.5) });
        await router.ScoreAsync("x");
        await router.ScoreAsync("y");
        judge.OnResponse = (_, _, _) => throw new HttpRequestException("down");
        await router.ScoreAsync("z");

        ChatModelUsage usage = router.Usage;
        Assert.Equal((3, 1), (usage.Calls, usage.Failures));
        Assert.Equal((200L, 10L, 128L), (usage.Tokens.InputTokenCount, usage.Tokens.OutputTokenCount, usage.Tokens.CachedInputTokenCount));
        usage.Tokens.InputTokenCount = 0;
        Assert.Equal(200, router.Usage.Tokens.InputTokenCount);

        Assert.Equal([("judge", "tiny-2026", 100L, null), ("judge", "tiny-2026", 100L, null), ("judge", "tiny", null, typeof(HttpRequestException))],
            calls.Select(static call => (call.Router, call.ModelId, call.Usage?.InputTokenCount, call.Error?.GetType())));
    }

    [Fact]
    public async Task A_call_that_ends_after_everyone_left_still_counts()
    {
        var clock = new FakeTimeProvider();
        var answer = new TaskCompletionSource<string>();
        var told = new TaskCompletionSource<ChatModelCall>();
        var judge = new TestChatClient { OnResponse = async (_, _, _) => Judging.Answer(await answer.Task, 7, 1) };
        var router = new JudgeRouter(judge, new() { TimeLimit = TimeSpan.FromSeconds(1), OnCall = told.SetResult }, clock);
        Task<double> score = router.ScoreAsync("x");
        clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => score);

        answer.SetResult("""{"difficulty": 1}""");
        Assert.Equal(7, (await told.Task).Usage!.InputTokenCount);
        Assert.Equal(7, router.Usage.Tokens.InputTokenCount);
    }

    [Fact]
    public async Task Calls_tokens_and_fallbacks_are_metered()
    {
        var measured = new List<(string Name, long Value, string? TokenType, string? Error)>();
        int thread = Environment.CurrentManagedThreadId;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == RoutingTelemetryNames.Source && instrument.Name.StartsWith("routellm.router.", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            // Other tests run at the same time; this one's calls complete on its own thread.
            if (Environment.CurrentManagedThreadId == thread)
            {
                measured.Add((instrument.Name, value, Tag(tags, "gen_ai.token.type"), Tag(tags, "error.type")));
            }
        });
        listener.Start();
        var judge = new TestChatClient { OnResponse = (_, _, _) => Task.FromResult(Judging.Answer("nonsense", 30, 4)) };
        ValueTask<double> score = new JudgeRouter(judge, new() { Fallback = new FixedRouter(0.5), CacheCapacity = 0 }).PredictWinProbabilityAsync("x", Cancel);

        Assert.Equal([(RoutingTelemetryNames.RouterCalls, 1L, null, null), (RoutingTelemetryNames.RouterTokens, 30L, "input", null), (RoutingTelemetryNames.RouterTokens, 4L, "output", null)], measured.Take(3));
        Assert.Equal(0.5, await score);
    }

    [Fact]
    public async Task A_judge_that_is_routed_by_itself_is_found_out_instead_of_asked_without_end()
    {
        // A circle of two: each judge's model is routed by the other judge.
        RoutedChatClient? toFirst = null;
        var indirection = new TestChatClient { OnResponse = (messages, options, token) => toFirst!.GetResponseAsync(messages, options, token) };
        var second = new JudgeRouter(indirection, new() { CacheCapacity = 0 });
        var toSecond = new RoutedChatClient(Judging.Difficulty(9), Judging.Difficulty(2), second, new() { Threshold = 0.5 });
        var first = new JudgeRouter(toSecond, new() { CacheCapacity = 0 });
        toFirst = new RoutedChatClient(Judging.Difficulty(9), Judging.Difficulty(2), first, new() { Threshold = 0.5 });

        ChatResponse response = await indirection.GetResponseAsync("prove it", cancellationToken: Cancel);

        // The innermost request is answered by its policy's fallback, so all end.
        Assert.Equal(2, indirection.Calls.Count);
        Assert.Equal("judge", response.GetRouteOutcome()!.Router);

        var itself = new JudgeRouter(indirection);
        var seen = new List<Exception?>();
        indirection.OnResponse = async (_, _, token) =>
        {
            seen.Add(await Record.ExceptionAsync(async () => await itself.PredictWinProbabilityAsync("inner", token)));
            return Judging.Answer("""{"difficulty": 1}""");
        };
        Assert.Equal(0.03, await itself.ScoreAsync("outer"));
        Assert.Contains("itself routed by it", Assert.IsType<InvalidOperationException>(Assert.Single(seen)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_host_it_is_found_by_its_name_in_a_model_id()
    {
        TestChatClient strong = TestChatClient.Answering("from strong"), weak = TestChatClient.Answering("from weak");
        var judge = new TestChatClient
        {
            OnResponse = (messages, _, _) => Task.FromResult(Judging.Answer($$"""{"difficulty": {{(messages.Last().Text.Contains("prove", StringComparison.Ordinal) ? 9 : 1)}}}""")),
        };
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddKeyedChatClient("judge", judge);
        builder.Services.AddRouter("judge", static services => new JudgeRouter(services.GetRequiredKeyedService<IChatClient>("judge"), new() { Fallback = BuiltInRouter.Create() }));
        builder.Services.AddRoutedChatClient(_ => strong, _ => weak, static options => options.StrongShare = 0.3);
        using IHost host = builder.Build();
        var client = host.Services.GetRequiredService<IChatClient>();
        var options = new ChatOptions { ModelId = "router-judge-0.5" };

        RouteOutcome hard = (await client.GetResponseAsync("prove it", options, Cancel)).GetRouteOutcome()!;
        Assert.Equal(("strong", "judge", 0.75, 0.5), (hard.Route, hard.Router, hard.WinProbability!.Value, hard.Threshold!.Value));

        // Streamed, and by the same judge, whose call is not.
        ChatResponse easy = await client.GetStreamingResponseAsync("thanks", options, Cancel).ToChatResponseAsync(Cancel);
        Assert.Equal(("from weak", 0.03), (easy.Text, easy.GetRouteOutcome()!.WinProbability!.Value));

        // Asked by no one, the judge costs nothing.
        await client.GetResponseAsync("prove it again", cancellationToken: Cancel);
        Assert.Equal(2, judge.Calls.Count);
        Assert.All([.. strong.Calls, .. weak.Calls], static call => Assert.Null(call.Options?.ModelId));
    }

    [Fact]
    public async Task Through_a_routed_client_a_failing_judge_falls_back_as_the_policy_says()
    {
        var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new JudgeRouter(Judging.Saying("no idea")), new() { Threshold = 0.5 });
        RouteOutcome outcome = (await client.GetResponseAsync("hi", cancellationToken: Cancel)).GetRouteOutcome()!;
        Assert.Equal(("strong", RouteReasons.RouterFailed), (outcome.Route, outcome.Reason));
    }

    [Fact]
    public void It_answers_for_itself_its_metadata_and_the_quantiles_it_was_given()
    {
        var quantiles = new ScoreQuantiles([0, 1]);
        var router = new JudgeRouter(Judging.Difficulty(1), new() { Quantiles = quantiles });
        Assert.Same(router, router.GetService<IBatchRouter>());
        Assert.Equal("judge", router.GetService<RouterMetadata>()!.Name);
        Assert.Same(quantiles, router.GetService<ScoreQuantiles>());
        Assert.Null(router.GetService<RouterMetadata>("key"));
        Assert.Equal("uncertainty", new UncertaintyRouter(Judging.Saying("x")).GetService<RouterMetadata>()!.Name);
    }

    private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach ((string key, object? value) in tags)
        {
            if (key == name)
            {
                return (string?)value;
            }
        }

        return null;
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen && Interlocked.CompareExchange(ref target, value, seen) is int current && current != seen)
        {
            seen = current;
        }
    }
}
