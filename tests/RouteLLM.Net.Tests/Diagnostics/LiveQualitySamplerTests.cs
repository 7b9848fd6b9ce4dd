using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

public sealed class LiveQualitySamplerTests : IDisposable
{
    private static readonly LiveQualityOptions s_all = new() { SampleShare = 1 };
    private readonly MetricRecorder _metrics = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Quality_is_kept_by_route_and_cluster()
    {
        await using var sampler = new LiveQualitySampler((record, _) => new(double.Parse(record.Response!.Text, System.Globalization.CultureInfo.InvariantCulture)), s_all, meterFactory: _metrics.MeterFactory);
        sampler.OnCompleted(Answered("0.5", 0.1, cluster: 2));
        sampler.OnCompleted(Answered("0.7", 0.1, cluster: 2));
        sampler.OnCompleted(Answered("0.9", 0.1, cluster: null));
        sampler.OnCompleted(Answered("1", 0.9, cluster: 2));
        await sampler.FlushAsync(Cancel);

        Assert.Equal([("strong", 2, 1L, 1.0), ("weak", null, 1L, 0.9), ("weak", 2, 2L, 0.6)], sampler.Measure().Select(static quality => (quality.Route, quality.Cluster, quality.Count, Math.Round(quality.Mean, 12))));
        Assert.Equal(0.1, sampler.Measure()[2].StandardError, 12);
        Assert.True(double.IsNaN(sampler.Measure()[0].StandardError));
        Assert.Equal([("weak", 2), ("weak", 2), ("weak", null), ("strong", 2)], _metrics.Of(RoutingTelemetryNames.Quality).Select(static measured => (measured.Tags["routellm.route"], measured.Tags.GetValueOrDefault("routellm.cluster"))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_live_answer_is_judged_and_its_verdict_is_the_reward_in_the_log(bool streaming)
    {
        string folder = Directory.CreateTempSubdirectory("routellm-quality-").FullName;
        try
        {
            await using var sampler = new LiveQualitySampler((record, _) => new(record.Response!.Text == "one two" && record.Request.Messages[0].Text == "0.1" ? 0.25 : 0), s_all);
            await using (var log = new DecisionLog(new() { Path = Path.Combine(folder, "log.jsonl") }))
            {
                // The log is listed first, and still waits for the verdict.
                var options = new TwoModelRoutingOptions { Threshold = 0.5 };
                options.Observers.Add(log);
                options.Observers.Add(sampler);
                using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("one two"), FakeRouter.ReadingPrompts(), options);
                ChatResponse response = streaming ? await client.GetStreamingResponseAsync("0.1", cancellationToken: Cancel).ToChatResponseAsync(Cancel) : await client.GetResponseAsync("0.1", cancellationToken: Cancel);
                Assert.Equal("one two", response.Text);
                await sampler.FlushAsync(Cancel);
                while (log.WrittenCount == 0)
                {
                    await log.FlushAsync(Cancel);
                }
            }

            Assert.Contains("\"reward\":0.25,", File.ReadAllText(Assert.Single(Directory.GetFiles(folder))), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Only_answers_with_text_that_the_filter_lets_pass_are_judged()
    {
        await using var sampler = new LiveQualitySampler((_, _) => new(1), new() { SampleShare = 1, Filter = static record => record.Request.Tenant == "acme" });
        sampler.OnCompleted(RecordFactory.Make(tenant: "acme"));
        sampler.OnCompleted(RecordFactory.Make(tenant: "acme", response: new ChatResponse(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("id", "tool")]))));
        sampler.OnCompleted(RecordFactory.Make(tenant: "other", response: new ChatResponse(new ChatMessage(ChatRole.Assistant, "text"))));
        sampler.OnCompleted(RecordFactory.Make(tenant: "acme", response: new ChatResponse(new ChatMessage(ChatRole.Assistant, "text"))));
        await sampler.FlushAsync(Cancel);

        Assert.Equal(1, Assert.Single(sampler.Measure()).Count);
        Assert.Equal(0, sampler.MissedCount);
    }

    [Fact]
    public async Task No_more_are_judged_in_an_hour_than_the_limit()
    {
        var time = new FakeTimeProvider();
        await using var sampler = new LiveQualitySampler((_, _) => new(1), new() { SampleShare = 1, MaxPerHour = 3 }, meterFactory: _metrics.MeterFactory, timeProvider: time);
        for (int i = 0; i < 5; i++)
        {
            sampler.OnCompleted(Answered("a", 0.1));
        }

        time.Advance(TimeSpan.FromHours(1));
        sampler.OnCompleted(Answered("a", 0.1));
        await sampler.FlushAsync(Cancel);

        Assert.Equal((4, 2), (Assert.Single(sampler.Measure()).Count, sampler.MissedCount));
        Assert.Equal(["limited", "limited"], _metrics.Of(RoutingTelemetryNames.QualityMissed).Select(static measured => measured.Tags["routellm.cause"]));
    }

    [Fact]
    public async Task A_judge_that_fails_or_gives_no_score_says_nothing_and_is_logged_once()
    {
        var logger = new ListLogger();
        await using var sampler = new LiveQualitySampler((record, _) => record.Request.Prompt == "throw" ? throw new FormatException("a secret") : new(double.NaN), s_all, logger);
        RouteRecord thrown = Answered("a", 0.1, prompt: "throw"), wrong = Answered("a", 0.1);
        sampler.OnCompleted(thrown);
        sampler.OnCompleted(wrong);
        await sampler.FlushAsync(Cancel);

        Assert.Null(await thrown.Reward!);
        Assert.Null(await wrong.Reward!);
        Assert.Empty(sampler.Measure());
        Assert.Equal(2, sampler.MissedCount);
        Assert.DoesNotContain("a secret", Assert.Single(logger.Entries).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_disposal_what_waits_is_let_go_and_its_reward_is_none()
    {
        var started = new TaskCompletionSource();
        var sampler = new LiveQualitySampler(async (_, token) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return 1;
        }, new() { SampleShare = 1, Capacity = 1 });
        RouteRecord judged = Answered("a", 0.1), waiting = Answered("b", 0.1), dropped = Answered("c", 0.1);
        sampler.OnCompleted(judged);
        await started.Task;
        sampler.OnCompleted(waiting);
        sampler.OnCompleted(dropped);
        await sampler.DisposeAsync();

        Assert.Null(dropped.Reward);
        Assert.Null(await judged.Reward!);
        Assert.Null(await waiting.Reward!);
        Assert.Equal(3, sampler.MissedCount);
    }

    [Fact]
    public void Wrong_options_are_refused_with_what_to_change()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new LiveQualitySampler((_, _) => new(1), new() { SampleShare = -1, Capacity = 0, MaxConcurrency = 0, MaxPerHour = 0, Timeout = TimeSpan.Zero }));

        Assert.All(["SampleShare is -1", "Capacity is 0", "MaxConcurrency is 0", "MaxPerHour is 0", "Timeout is 00:00:00"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private static RouteRecord Answered(string text, double winProbability, int? cluster = null, string prompt = "hello") =>
        RecordFactory.Make(prompt, winProbability, cluster: cluster, response: new ChatResponse(new ChatMessage(ChatRole.Assistant, text)));
}
