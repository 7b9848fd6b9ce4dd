using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Onnx.Tests.Batching;

public class DynamicBatcherTests
{
    private readonly GatedRun _run = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_idle_session_takes_a_lone_input_at_once()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { MaxWait = TimeSpan.FromMinutes(1) });
        Task<string> answer = batcher.RunAsync("a", Token);
        await _run.StartedAsync();
        _run.Open();

        Assert.Equal("a!", await answer);
        Assert.Equal(0, batcher.Waiting);
    }

    [Fact]
    public async Task Inputs_that_come_while_the_session_is_busy_share_the_next_batch()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions());
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "b", "c", "d")];
        _run.Open(2);

        Assert.Equal(["a!", "b!", "c!", "d!"], await Task.WhenAll(answers));
        Assert.Equal([["a"], ["b", "c", "d"]], _run.Batches);
    }

    [Fact]
    public async Task A_batch_holds_as_many_inputs_as_allowed()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { MaxBatchSize = 2 });
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "b", "c", "d")];
        _run.Open(3);

        await Task.WhenAll(answers);
        Assert.Equal([["a"], ["b", "c"], ["d"]], _run.Batches);
    }

    [Fact]
    public async Task A_batch_holds_no_more_tokens_than_allowed_and_one_input_at_least()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { LengthBuckets = [4, 100], MaxBatchTokens = 8 });
        string tooLong = new('l', 100);
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "bbbb", "cccc", "dddd", tooLong)];
        _run.Open(4);

        await Task.WhenAll(answers);
        Assert.Equal(4, _run.Batches.Count);
        Assert.Contains(_run.Batches, batch => batch is [var only] && only == tooLong);
        Assert.All(_run.Batches.Where(batch => batch[0] != tooLong), batch => Assert.InRange(batch.Length, 1, 2));
    }

    [Fact]
    public async Task Short_and_long_inputs_do_not_share_a_batch_and_the_largest_goes_first()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { LengthBuckets = [4, 20] });
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "a long input", "b", "c", "another long one?", "d")];
        _run.Open(4);

        await Task.WhenAll(answers);
        Assert.Equal([["a"], ["b", "c", "d"], ["a long input", "another long one?"]], _run.Batches);
    }

    [Fact]
    public async Task An_input_is_not_passed_over_for_longer_than_the_maximum_wait()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { LengthBuckets = [4, 16], MaxWait = TimeSpan.FromMilliseconds(5) });
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "a long input")];
        _time.Advance(TimeSpan.FromMilliseconds(6));
        answers = [.. answers, .. Start(batcher, "b", "c")];
        _run.Open(3);

        await Task.WhenAll(answers);
        Assert.Equal([["a"], ["a long input"], ["b", "c"]], _run.Batches);
    }

    [Fact]
    public async Task A_second_run_waits_for_company_beside_the_first_but_not_for_ever()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { MaxConcurrentRuns = 2, MaxWait = TimeSpan.FromMilliseconds(5) });
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "b")];
        Assert.Single(_run.Batches);
        answers = [.. answers, .. Start(batcher, "c")];
        _time.Advance(TimeSpan.FromMilliseconds(5));
        await _run.StartedAsync();

        Assert.Equal([["a"], ["b", "c"]], _run.Batches);
        _run.Open(2);
        await Task.WhenAll(answers);
    }

    [Fact]
    public async Task A_second_run_starts_at_once_with_a_full_batch()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { MaxConcurrentRuns = 2, MaxBatchSize = 2 });
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "b", "c")];
        await _run.StartedAsync();

        Assert.Equal([["a"], ["b", "c"]], _run.Batches);
        _run.Open(2);
        await Task.WhenAll(answers);
    }

    [Fact]
    public async Task A_full_queue_turns_away_until_there_is_room_again()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { QueueCapacity = 2 });
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "b", "c")];
        OnnxQueueFullException shed = await Assert.ThrowsAsync<OnnxQueueFullException>(() => batcher.RunAsync("d", Token));
        await Assert.ThrowsAsync<OnnxQueueFullException>(() => batcher.RunManyAsync(["d", "e"], Token));

        Assert.Equal(2, shed.Capacity);
        Assert.Contains(nameof(BatchingOptions.QueueCapacity), shed.Message, StringComparison.Ordinal);
        _run.Open(3);
        await Task.WhenAll(answers);
        Assert.Equal("e!", await batcher.RunAsync("e", Token));
    }

    [Fact]
    public async Task A_waiting_input_that_is_cancelled_leaves_the_queue_and_is_never_run()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions());
        using var source = new CancellationTokenSource();
        Task<string> first = await BusyAsync(batcher);
        Task<string> cancelled = batcher.RunAsync("b", source.Token);
        Task<string> last = batcher.RunAsync("c", Token);
        Assert.Equal(2, batcher.Waiting);
        await source.CancelAsync();

        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(source.Token, thrown.CancellationToken);
        Assert.Equal(1, batcher.Waiting);
        _run.Open(2);
        Assert.Equal(["a!", "c!"], await Task.WhenAll(first, last));
        Assert.Equal([["a"], ["c"]], _run.Batches);
    }

    [Fact]
    public async Task A_run_ends_early_only_when_nobody_wants_its_results_any_more()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions());
        using CancellationTokenSource one = new(), other = new();
        Task<string> first = await BusyAsync(batcher);
        Task<string>[] answers = [batcher.RunAsync("b", one.Token), batcher.RunAsync("c", other.Token)];
        _run.Open();
        await _run.StartedAsync();

        await one.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answers[0]);
        Assert.False(_run.LastToken.IsCancellationRequested);
        await other.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answers[1]);
        Assert.True(_run.LastToken.IsCancellationRequested);
        _run.Open();
        Assert.Equal("a!", await first);
    }

    [Fact]
    public async Task A_cancelled_call_does_not_join_the_queue()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batcher.RunAsync("a", new CancellationToken(true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batcher.RunManyAsync(["a", "b"], new CancellationToken(true)));

        Assert.Empty(_run.Batches);
    }

    [Fact]
    public async Task An_input_that_cannot_be_run_fails_its_own_caller_alone()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions());
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "b", "bad", "c")];
        _run.Open(10);

        await Assert.ThrowsAsync<InvalidDataException>(() => answers[2]);
        Assert.Equal(["a!", "b!", "c!"], await Task.WhenAll(answers[0], answers[1], answers[3]));
    }

    [Fact]
    public async Task Disposal_waits_for_what_was_let_in_and_lets_in_no_more()
    {
        DynamicBatcher<string, string> batcher = Create(new BatchingOptions());
        Task<string>[] answers = [await BusyAsync(batcher), .. Start(batcher, "b", "c")];
        Task<string[]> many = batcher.RunManyAsync([.. Enumerable.Repeat("m", 100)], Token);
        Task disposal = batcher.DisposeAsync().AsTask();

        Assert.False(disposal.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.RunAsync("d", Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batcher.RunManyAsync(["d", "e"], Token));
        _run.Open(100);
        await disposal;
        Assert.Equal(["a!", "b!", "c!"], await Task.WhenAll(answers));
        Assert.Equal(100, (await many).Length);
        batcher.Dispose();
    }

    [Fact]
    public async Task Many_inputs_pass_a_queue_that_is_smaller_than_they_are_in_batches_of_like_length()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { QueueCapacity = 1, MaxBatchSize = 3, LengthBuckets = [2, 8] });
        string[] inputs = [.. Enumerable.Range(0, 20).Select(static i => new string('x', 1 + (i * 7 % 8)))];
        _run.Open(100);
        string[] results = await batcher.RunManyAsync(inputs, Token);

        Assert.Equal(inputs.Select(static input => input + "!"), results);
        Assert.All(_run.Batches, static batch => Assert.True(batch.All(static input => input.Length <= 2) || batch.All(static input => input.Length > 2)));
        Assert.Equal(7, _run.Batches.Count);
    }

    [Fact]
    public async Task One_bad_input_of_many_fails_the_call_and_leaves_the_queue_clean()
    {
        await using DynamicBatcher<string, string> batcher = Create(new BatchingOptions { MaxBatchSize = 2 });
        _run.Open(100);
        await Assert.ThrowsAsync<InvalidDataException>(() => batcher.RunManyAsync(["a", "bad", "c", "d", "e", "f"], Token));

        Assert.Equal(0, batcher.Waiting);
        Assert.Equal("g!", await batcher.RunAsync("g", Token));
    }

    [Fact]
    public async Task Whatever_the_options_every_caller_gets_its_own_result()
    {
        var options =
            from size in Gen.Int[1, 8]
            from tokens in Gen.Int[1, 200]
            from runs in Gen.Int[1, 3]
            from bounds in Gen.Int[1, 60].HashSet[0, 5]
            select new BatchingOptions { MaxBatchSize = size, MaxBatchTokens = tokens, MaxConcurrentRuns = runs, LengthBuckets = [.. bounds.Order()], MaxWait = TimeSpan.FromMilliseconds(1), QueueCapacity = 1000 };
        await Gen.Select(options, Gen.Int[0, 80].Array[1, 60]).SampleAsync(async (policy, lengths) =>
        {
            await using var batcher = new DynamicBatcher<int, int>(typeof(DynamicBatcherTests), policy, static length => length, static (inputs, _) => [.. inputs.Select(static input => (input * 3) + 1)]);
            Task<int>[] singles = [.. lengths.Select(length => batcher.RunAsync(length, Token))];
            int[] many = await batcher.RunManyAsync(lengths, Token);

            int[] expected = [.. lengths.Select(static length => (length * 3) + 1)];
            Assert.Equal(expected, await Task.WhenAll(singles));
            Assert.Equal(expected, many);
        }, iter: 200);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchingOptions { MaxBatchSize = 0 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchingOptions { MaxBatchTokens = 0 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchingOptions { MaxConcurrentRuns = 0 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchingOptions { QueueCapacity = 0 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchingOptions { MaxWait = TimeSpan.FromMilliseconds(-1) }.Validate());
        Assert.Throws<ArgumentException>(() => new BatchingOptions { LengthBuckets = [16, 16] }.Validate());
        Assert.Throws<ArgumentException>(() => new BatchingOptions { LengthBuckets = [0] }.Validate());
    }

    private DynamicBatcher<string, string> Create(BatchingOptions options) => new(typeof(DynamicBatcherTests), options, static input => input.Length, _run.Run, time: _time);

    private async Task<Task<string>> BusyAsync(DynamicBatcher<string, string> batcher)
    {
        Task<string> first = batcher.RunAsync("a", Token);
        await _run.StartedAsync();
        return first;
    }

    private static Task<string>[] Start(DynamicBatcher<string, string> batcher, params string[] inputs) => [.. inputs.Select(input => batcher.RunAsync(input, Token))];
}
