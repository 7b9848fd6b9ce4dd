using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

public sealed class ShadowRoutingTests : IDisposable
{
    private readonly MetricRecorder _metrics = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Disagreement_and_would_be_saving_are_measured()
    {
        // Decided by the usual policy: 0.9 strong, 0.6 strong, 0.1 weak, 0.3 weak; the shadow has 0.2 and 0.7 the other way round.
        await using var shadow = new ShadowRouting("candidate", new FakeRouter((request, _) => new(request.Prompt switch { "a" => 0.9, "b" => 0.2, "c" => 0.1, _ => 0.7 })), 0.5, meterFactory: _metrics.MeterFactory);
        shadow.OnCompleted(RecordFactory.Make("a", 0.9));
        shadow.OnCompleted(RecordFactory.Make("b", 0.6));
        shadow.OnCompleted(RecordFactory.Make("b", 0.6));
        shadow.OnCompleted(RecordFactory.Make("c", 0.1));
        shadow.OnCompleted(RecordFactory.Make("d", 0.3));
        await shadow.FlushAsync(Cancel);

        ShadowReport report = shadow.Measure();
        Assert.Equal((5, 1, 2, 0.6), (report.Compared, report.MovedUp, report.MovedDown, report.Disagreement));

        // A million tokens: 10 USD strong, 1 USD weak.
        Assert.Equal((5, 32m, 23m, 9m), (report.Priced, report.ActualCost, report.ShadowCost, report.Saving));
        Assert.Equal(23, _metrics.Of(RoutingTelemetryNames.ShadowCost).Sum(static measured => measured.Value));
        Assert.Equal(32, _metrics.Of(RoutingTelemetryNames.ShadowActualCost).Sum(static measured => measured.Value));
        Assert.Equal(
            [("strong", "strong"), ("strong", "weak"), ("strong", "weak"), ("weak", "weak"), ("weak", "strong")],
            _metrics.Of(RoutingTelemetryNames.ShadowDecisions).Select(static measured => (measured.Tags["routellm.route"], measured.Tags["routellm.shadow.route"])));
    }

    [Fact]
    public async Task A_policy_can_be_the_candidate()
    {
        var policy = new ThresholdPolicy(RecordFactory.Strong, RecordFactory.Weak, FakeRouter.ReadingPrompts(), new() { Threshold = 0.1 });
        await using var shadow = new ShadowRouting("lower", policy);
        shadow.OnCompleted(RecordFactory.Make("0.2", 0.2));
        shadow.OnCompleted(RecordFactory.Make("0.05", 0.05));
        await shadow.FlushAsync(Cancel);

        Assert.Equal((2, 1, 0, -9m), (shadow.Measure().Compared, shadow.Measure().MovedUp, shadow.Measure().MovedDown, shadow.Measure().Saving));
    }

    [Fact]
    public async Task It_has_no_effect_on_requests_and_does_not_keep_them_waiting()
    {
        var gate = new TaskCompletionSource<double>();
        List<string> seen = [];
        await using var shadow = new ShadowRouting("slow", new FakeRouter(async (request, _) =>
        {
            double answer = await gate.Task;
            seen.Add(string.Join(' ', request.Messages.Select(static message => message.Text)));
            request.Cluster = 7;
            return answer;
        }), 0.5);
        var options = new TwoModelRoutingOptions { Threshold = 0.5 };
        options.Observers.Add(shadow);
        using var client = new RoutedChatClient(TestChatClient.Answering("from strong"), TestChatClient.Answering("from weak"), FakeRouter.ReadingPrompts(), options);
        List<ChatMessage> messages = [new(ChatRole.User, "0.1")];

        ChatResponse response = await client.GetResponseAsync(messages, cancellationToken: Cancel);
        messages.Add(new(ChatRole.User, "added since"));
        gate.SetResult(0.9);
        await shadow.FlushAsync(Cancel);

        Assert.Equal("from weak", response.Text);
        Assert.Null(response.GetRouteOutcome()!.Cluster);
        Assert.Equal(["0.1"], seen);
        Assert.Equal(1, shadow.Measure().MovedUp);
    }

    [Fact]
    public async Task Requests_that_no_policy_decided_are_left_out_and_those_of_unknown_cost_are_not_priced()
    {
        await using var shadow = new ShadowRouting("candidate", new FakeRouter(0.9), 0.5);
        foreach (string reason in new[] { RouteReasons.Pinned, RouteReasons.ProviderState, RouteReasons.ToolResult })
        {
            shadow.OnCompleted(RecordFactory.Make(reason: reason));
        }

        shadow.OnCompleted(RecordFactory.Make(status: RouteAttemptStatus.AnsweredFromCache));
        shadow.OnCompleted(RecordFactory.Make(status: RouteAttemptStatus.Failed));
        await shadow.FlushAsync(Cancel);

        Assert.Equal((2, 0), (shadow.Measure().Compared, shadow.Measure().Priced));
    }

    [Fact]
    public async Task What_waits_is_bounded_and_what_is_passed_over_is_counted()
    {
        var gate = new TaskCompletionSource<double>();
        var started = new TaskCompletionSource();
        var shadow = new ShadowRouting(
            "stuck", new FakeRouter((_, token) =>
            {
                started.TrySetResult();
                return new(gate.Task.WaitAsync(token));
            }), 0.5, new() { Capacity = 3 }, meterFactory: _metrics.MeterFactory);
        shadow.OnCompleted(RecordFactory.Make());
        await started.Task;
        for (int i = 0; i < 5; i++)
        {
            shadow.OnCompleted(RecordFactory.Make());
        }

        Assert.Equal(2, shadow.Measure().Dropped);
        await shadow.DisposeAsync();
        shadow.OnCompleted(RecordFactory.Make());

        Assert.Equal((0, 7, 0), (shadow.Measure().Compared, shadow.Measure().Dropped, shadow.Measure().Failed));
        Assert.Equal(7, _metrics.Of(RoutingTelemetryNames.ShadowMissed).Count(static measured => Equals(measured.Tags["routellm.cause"], "dropped")));
    }

    [Fact]
    public async Task A_shadow_that_fails_is_counted_and_logged_once_without_the_prompt()
    {
        var logger = new ListLogger();
        await using var shadow = new ShadowRouting("broken", new FakeRouter((request, _) => throw new FormatException(request.Prompt)), 0.5, loggerFactory: logger);
        shadow.OnCompleted(RecordFactory.Make("a secret"));
        shadow.OnCompleted(RecordFactory.Make("a secret"));
        await shadow.FlushAsync(Cancel);

        Assert.Equal((0, 2), (shadow.Measure().Compared, shadow.Measure().Failed));
        Assert.DoesNotContain("a secret", Assert.Single(logger.Entries).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_has_a_time_limit_even_where_the_router_does_not_listen()
    {
        var time = new FakeTimeProvider();
        var started = new TaskCompletionSource();
        await using var shadow = new ShadowRouting("hanging", new FakeRouter((_, _) =>
        {
            started.SetResult();
            return new(new TaskCompletionSource<double>().Task);
        }), 0.5, timeProvider: time);
        shadow.OnCompleted(RecordFactory.Make());
        Task flushed = shadow.FlushAsync(Cancel);
        await started.Task;
        while (!flushed.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.Equal(1, shadow.Measure().Failed);
    }

    [Fact]
    public async Task A_share_of_requests_is_sampled_by_the_seed()
    {
        long first = await CompareAsync(), second = await CompareAsync();

        Assert.Equal(first, second);
        Assert.InRange(first, 60, 140);

        static async Task<long> CompareAsync()
        {
            await using var shadow = new ShadowRouting("sampled", new FakeRouter(0.9), 0.5, new() { SampleShare = 0.1, Seed = 5 });
            for (int i = 0; i < 1000; i++)
            {
                shadow.OnCompleted(RecordFactory.Make());
            }

            await shadow.FlushAsync(Cancel);
            return shadow.Measure().Compared;
        }
    }

    [Fact]
    public void Wrong_options_are_refused_with_what_to_change()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ShadowRouting("s", new FakeRouter(0), 0.5, new() { SampleShare = 2, Capacity = 0, MaxConcurrency = 0, Timeout = TimeSpan.Zero }));

        Assert.All(["SampleShare is 2", "Capacity is 0", "MaxConcurrency is 0", "Timeout is 00:00:00"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShadowRouting("s", new FakeRouter(0), 1.5));
    }
}
