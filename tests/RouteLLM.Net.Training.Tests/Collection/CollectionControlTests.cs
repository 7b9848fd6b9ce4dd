using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Evaluation;
using static RouteLLM.Training.Tests.Collection.CollectionFolder;

namespace RouteLLM.Training.Tests.Collection;

/// <summary>Concurrency, retries, cancellation, costs and caps.</summary>
public sealed class CollectionControlTests : IDisposable
{
    private readonly CollectionFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task As_many_calls_as_allowed_are_under_way_and_never_more(int allowed)
    {
        int underWay = 0, most = 0;
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task<ChatResponse> AnswerAsync(string text)
        {
            int now = Interlocked.Increment(ref underWay);
            InterlockedMax(ref most, now);
            if (now == allowed)
            {
                full.TrySetResult();
            }

            // Nobody is answered until as many wait as may; then each call gives the others a chance to come in between.
            await full.Task;
            await Task.Yield();
            Interlocked.Decrement(ref underWay);
            return FakeModel.Answer(text);
        }

        var model = new FakeModel((prompt, _) => AnswerAsync(prompt));
        var judge = new FakeModel((_, _) => AnswerAsync("""{"winner": "tie"}"""));
        CollectionOptions options = _folder.Options(new PairwiseJudgeScorer(judge));
        options.MaxConcurrency = allowed;
        var collector = new AnswerCollector([Model("a", model), Model("b", Number())], options);

        CollectionResult result = await collector.RunAsync(collector.Plan(Prompts(12)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((allowed, 0), (most, result.Missing));
        Assert.Equal(24, judge.Calls.Count);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    public async Task A_call_that_may_be_cured_is_tried_so_often_and_no_more(int attempts, int calls)
    {
        var model = new FakeModel((_, _) => Task.FromException<ChatResponse>(new HttpRequestException("down")));
        CollectionOptions options = _folder.Options();
        options.Retry.MaxAttempts = attempts;
        var collector = new AnswerCollector([Model("m", model)], options);

        CollectionResult result = await collector.RunAsync(collector.Plan(Prompts(1)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(calls, model.Calls.Count);
        Assert.Contains("down", Assert.Single(result.Failures).Problem);
    }

    [Fact]
    public async Task A_call_that_is_cured_is_no_failure()
    {
        int calls = 0;
        var model = new FakeModel((prompt, _) => ++calls < 3 ? Task.FromException<ChatResponse>(new HttpRequestException("down")) : Task.FromResult(FakeModel.Answer(prompt)));
        var collector = new AnswerCollector([Model("m", model)], _folder.Options());

        CollectionResult result = await collector.RunAsync(collector.Plan(Prompts(1)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((3, 0, 1), (calls, result.Failures.Count, result.Spent.Calls));
    }

    [Fact]
    public async Task A_model_that_hangs_is_given_up()
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var model = new FakeModel(async (_, token) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });
        CollectionOptions options = _folder.Options();
        options.Retry.MaxAttempts = 1;
        var collector = new AnswerCollector([Model("m", model)], options, time);

        Task<CollectionResult> run = collector.RunAsync(collector.Plan(Prompts(1)), cancellationToken: TestContext.Current.CancellationToken);
        await asked.Task;
        time.Advance(TimeSpan.FromMinutes(5));

        Assert.Contains("TimeoutException", Assert.Single((await run).Failures).Problem);
    }

    [Fact]
    public void The_wait_between_attempts_doubles_up_to_half_a_minute()
    {
        var retry = new CallRetryOptions();

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(1, 7).Select(attempts => (int)retry.DelayAfter(attempts).TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(30), retry.DelayAfter(10_000));
        Assert.Equal(TimeSpan.FromMinutes(1), new CallRetryOptions { FirstDelay = TimeSpan.FromMinutes(1) }.DelayAfter(2));
    }

    [Fact]
    public async Task A_model_that_fails_again_and_again_is_not_asked_any_more()
    {
        var broken = new FakeModel((_, _) => Task.FromException<ChatResponse>(new UnauthorizedAccessException("wrong key")));
        FakeModel sound = Number();
        CollectionOptions options = _folder.Options();
        options.MaxFailuresInARow = 2;
        options.MaxConcurrency = 1;
        var collector = new AnswerCollector([Model("broken", broken), Model("sound", sound)], options);

        CollectionResult result = await collector.RunAsync(collector.Plan(Prompts(6)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((2, 6), (broken.Calls.Count, sound.Calls.Count));
        Assert.Equal(6, result.Failures.Count);
        Assert.Equal(4, result.Failures.Count(failure => failure.Problem.Contains("not asked")));
        Assert.Equal(6, result.Missing);
    }

    [Fact]
    public async Task Cancelling_keeps_what_was_paid_for_and_the_next_run_goes_on_from_there()
    {
        using var source = new CancellationTokenSource();
        int answered = 0;
        var model = new FakeModel(async (prompt, token) =>
        {
            if (Interlocked.Increment(ref answered) <= 3)
            {
                return FakeModel.Answer(prompt);
            }

            // Cancelled while it waits; the call after it never begins.
            await source.CancelAsync();
            token.ThrowIfCancellationRequested();
            throw new InvalidOperationException("The call was not cancelled.");
        });
        CollectionOptions options = _folder.Options(Exact());
        options.MaxConcurrency = 1;
        var collector = new AnswerCollector([Model("m", model)], options);
        CollectionPlan plan = collector.Plan(Prompts(8));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collector.RunAsync(plan, cancellationToken: source.Token));

        Assert.Equal(4, answered);
        Assert.Equal(3, _folder.JournalLines().Count(line => line.Contains("\"kind\":\"answer\"")));
        Assert.DoesNotContain(_folder.JournalLines(), line => line.Contains("\"kind\":\"failure\""));
        Assert.False(File.Exists(_folder.Output));

        CollectionResult exported = collector.Export(plan);
        Assert.Equal((10, 3, CallCost.None), (exported.Missing, exported.Rows.Count(row => row.Row.Scores.Count > 0), exported.Spent));
        Assert.Equal(8, EvaluationRowReader.ReadFile(_folder.Output).Count());
        Assert.Equal(5, collector.Plan(Prompts(8)).Models[0].Missing);

        FakeModel rest = Number();
        var second = new AnswerCollector([Model("m", rest)], _folder.Options(Exact()));
        CollectionResult whole = await second.RunAsync(second.Plan(Prompts(8)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((5, 0), (rest.Calls.Count, whole.Missing));
    }

    [Fact]
    public async Task An_answer_that_arrives_in_spite_of_the_cancellation_is_kept()
    {
        using var source = new CancellationTokenSource();
        var model = new FakeModel(async (prompt, _) =>
        {
            await source.CancelAsync();
            return FakeModel.Answer(prompt);
        });
        var collector = new AnswerCollector([Model("m", model)], _folder.Options());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collector.RunAsync(collector.Plan(Prompts(1)), cancellationToken: source.Token));

        Assert.Single(_folder.JournalLines());
    }

    [Fact]
    public async Task Already_cancelled_nothing_is_touched()
    {
        var collector = new AnswerCollector([Model("m", Number())], _folder.Options());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => collector.RunAsync(collector.Plan(Prompts(1)), cancellationToken: new CancellationToken(true)));

        Assert.False(File.Exists(_folder.Journal));
    }

    [Fact]
    public async Task The_plan_says_what_is_missing_and_what_it_will_cost()
    {
        // "prompt 0" is 8 bytes, 2 tokens, and 4 around them; an answer is expected to have 2.
        var scorer = new PointwiseJudgeScorer(new FakeModel(_ => """{"score": 5}"""));
        var collector = new AnswerCollector([Model("a", Number()), new CollectionModel("b", Number(1))], _folder.Options(scorer));

        CollectionPlan plan = collector.Plan(Prompts(10));

        Assert.Equal([new CollectionPlanPart("a", 10, 10, 10 * ((6 * 3m) + (2 * 15m)) / 1_000_000), new CollectionPlanPart("b", 10, 10, null)], plan.Models);
        Assert.Equal(new CollectionPlanPart("pointwise-judge", 20, 20, null), plan.Scorer);
        Assert.Equal(0.00048m, plan.EstimatedUsd);
        Assert.Equal(["b", "pointwise-judge"], plan.Unpriced);
        Assert.Equal(40, plan.Missing);
        Assert.Contains("a: 10 of 10 answers to ask for, about 0.0005 USD", plan.ToString());
        Assert.Contains("b: 10 of 10 answers to ask for, price not known", plan.ToString());

        await collector.RunAsync(plan, cancellationToken: TestContext.Current.CancellationToken);

        // "prompt 10" is one token longer.
        CollectionPlan next = collector.Plan(Prompts(11));

        Assert.Equal([new CollectionPlanPart("a", 11, 1, 0.000051m), new CollectionPlanPart("b", 11, 1, null)], next.Models);
        Assert.Equal(0.0006m, next.SpentEarlier.Usd);
        Assert.Equal(40, next.SpentEarlier.Calls);
        Assert.Empty(collector.Plan(Prompts(10)).Unpriced);
    }

    [Fact]
    public async Task Progress_is_told_after_each_answer_and_score_and_ends_with_the_result()
    {
        var reports = new Reports();
        var judge = new PairwiseJudgeScorer(new FakeModel(_ => """{"winner": "A"}"""), new JudgeScorerOptions { Price = Price });
        var broken = new FakeModel((prompt, _) => prompt == "prompt 0" ? Task.FromException<ChatResponse>(new InvalidOperationException()) : Task.FromResult(FakeModel.Answer(prompt)));
        var collector = new AnswerCollector([Model("a", Number()), Model("b", broken)], _folder.Options(judge));
        CollectionPlan plan = collector.Plan(Prompts(5));

        CollectionResult result = await collector.RunAsync(plan, reports, TestContext.Current.CancellationToken);

        Assert.Equal(1 + 10 + 4, reports.All.Count);
        Assert.Equal(new CollectionProgress(0, 10, 0, 5, 0, CallCost.None, plan.EstimatedUsd), reports.All[0]);
        Assert.Equal(new CollectionProgress(9, 10, 4, 5, 1, new CallCost(17, 170, 34, 17 * 0.00006m), plan.EstimatedUsd), reports.Last);
        Assert.Equal(reports.Last.Spent, result.Spent);
        Assert.All(reports.All.Zip(reports.All.Skip(1)), pair =>
            Assert.Equal(1, pair.Second.AnswersDone + pair.Second.JudgementsDone + pair.Second.Failed - pair.First.AnswersDone - pair.First.JudgementsDone - pair.First.Failed));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Spending_never_exceeds_the_cap_when_answers_are_bounded(int concurrency)
    {
        // With at most 2 tokens of output, an answer is taken to cost 0.000048 USD; it costs 0.00006.
        CollectionModel model = Model("m", Number(), maxOutputTokens: 4);
        CollectionOptions options = _folder.Options();
        options.MaxConcurrency = concurrency;
        options.SpendingCap = 0.0005m;
        var collector = new AnswerCollector([model], options);

        CollectionResult stopped = await collector.RunAsync(collector.Plan(Prompts(20)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(stopped.CapReached);
        Assert.InRange(stopped.Spent.Usd, 0.0005m - (concurrency * 0.000078m), 0.0005m);
        Assert.Empty(stopped.Failures);
        Assert.Equal(20 - stopped.Spent.Calls, stopped.Missing);
        Assert.Equal(20, stopped.Rows.Count);

        CollectionResult again = await collector.RunAsync(collector.Plan(Prompts(20)), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(again.CapReached && again.SpentInAll.Usd <= 0.0005m, "What earlier runs spent counts.");

        options.SpendingCap = 1;
        var richer = new AnswerCollector([model], options);
        CollectionResult whole = await richer.RunAsync(richer.Plan(Prompts(20)), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((0, false, 20 * 0.00006m), (whole.Missing, whole.CapReached, whole.SpentInAll.Usd));
    }

    [Fact]
    public void A_cap_needs_prices()
    {
        CollectionOptions options = _folder.Options();
        options.SpendingCap = 1;
        Assert.Contains("'m'", Assert.Throws<ArgumentException>(() => new AnswerCollector([new CollectionModel("m", Number())], options)).Message);

        options.Scorer = new PointwiseJudgeScorer(Number());
        Assert.Contains("pointwise-judge", Assert.Throws<ArgumentException>(() => new AnswerCollector([Model("m", Number())], options)).Message);
    }

    [Fact]
    public async Task What_a_provider_does_not_tell_is_estimated_and_said_to_be()
    {
        var model = new FakeModel((_, _) => Task.FromResult(FakeModel.Answer("12345678", tellsUsage: false)));
        var collector = new AnswerCollector([Model("m", model)], _folder.Options());

        CollectionResult result = await collector.RunAsync(collector.Plan(Prompts(1)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(new CallCost(1, 6, 2, ((6 * 3m) + (2 * 15m)) / 1_000_000, EstimatedCalls: 1), result.Spent);
    }

    [Fact]
    public void Prices_are_exact()
    {
        var price = new TokenPrice(0.15m, 0.60m, 0.075m);

        Assert.Equal(0.00000015m, price.CostOf(1, 0));
        Assert.Equal(0.75m, price.CostOf(1_000_000, 1_000_000));
        Assert.Equal(((700 * 0.15m) + (300 * 0.075m) + (10 * 0.60m)) / 1_000_000, price.CostOf(new UsageDetails { InputTokenCount = 1000, CachedInputTokenCount = 300, OutputTokenCount = 10 }));
        Assert.Equal(0.00015m, new TokenPrice(0.15m, 0.60m).CostOf(new UsageDetails { InputTokenCount = 1000, CachedInputTokenCount = 300 }));

        // A million cents that have no double add up.
        CallCost sum = Enumerable.Repeat(new CallCost(1, 1, 1, 0.0000001m), 1_000_000).Aggregate(CallCost.None, (total, cost) => total + cost);
        Assert.Equal(new CallCost(1_000_000, 1_000_000, 1_000_000, 0.1m), sum);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = target; seen < value;)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            seen = before == seen ? value : before;
        }
    }
}
