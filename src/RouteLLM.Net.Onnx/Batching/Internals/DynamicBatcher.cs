namespace RouteLLM.Onnx;

/// <summary>Gathers the inputs of concurrent callers into batches for a function that takes many more cheaply than one by one.</summary>
/// <remarks>
/// The policy is that of <see cref="BatchingOptions"/>. Batches run on the thread pool. Should a run of several inputs fail, each is run again alone, so that a bad input fails its own caller only.
/// </remarks>
/// <typeparam name="TInput">The type of inputs.</typeparam>
/// <typeparam name="TResult">The type of results.</typeparam>
internal sealed class DynamicBatcher<TInput, TResult> : IDisposable, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Type _owner;
    private readonly Func<IReadOnlyList<TInput>, CancellationToken, TResult[]> _run;
    private readonly Func<TInput, int> _length;
    private readonly int _maxConcurrentRuns;
    private readonly int _queueCapacity;
    private readonly TimeSpan _maxWait;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly int[] _bounds;
    private readonly LinkedList<BatchItem<TInput, TResult>>[] _lines;
    private readonly int[] _batchSizes;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private int _running;
    private int _longCalls;
    private bool _closed;

    /// <param name="owner">What callers know the batcher as.</param>
    /// <param name="options">The policy.</param>
    /// <param name="length">Gives an input's length.</param>
    /// <param name="run">Gives one result per input, in their order; called by as many threads at a time as the options say. Its token is cancelled when nobody wants the results any more.</param>
    /// <param name="largestBatch">What the function takes at most, whatever the options say.</param>
    /// <param name="time">Measures waiting.</param>
    public DynamicBatcher(
        Type owner, BatchingOptions options, Func<TInput, int> length, Func<IReadOnlyList<TInput>, CancellationToken, TResult[]> run, int largestBatch = int.MaxValue, TimeProvider? time = null)
    {
        options.Validate();
        _owner = owner;
        _run = run;
        _length = length;
        _maxConcurrentRuns = options.MaxConcurrentRuns;
        _queueCapacity = options.QueueCapacity;
        _maxWait = options.MaxWait;
        _time = time ?? TimeProvider.System;
        _timer = _time.CreateTimer(static state => ((DynamicBatcher<TInput, TResult>)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _bounds = [.. options.LengthBuckets];
        _lines = [.. Enumerable.Range(0, _bounds.Length + 1).Select(static _ => new LinkedList<BatchItem<TInput, TResult>>())];
        int maxBatchSize = Math.Min(options.MaxBatchSize, largestBatch);
        _batchSizes = [.. _bounds.Select(bound => Math.Clamp(options.MaxBatchTokens / bound, 1, maxBatchSize)), 1];
    }

    /// <summary>Gets how many inputs wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting;
            }
        }
    }

    /// <summary>Runs one input, in whatever batch.</summary>
    /// <exception cref="OnnxQueueFullException">Too many inputs wait.</exception>
    /// <exception cref="ObjectDisposedException">The batcher is closed.</exception>
    public async Task<TResult> RunAsync(TInput input, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var item = new BatchItem<TInput, TResult>(input);
        lock (_lock)
        {
            CheckAdmission();
            Enqueue(item);
            Dispatch();
        }

        using (cancellationToken.UnsafeRegister((state, token) => Cancel((BatchItem<TInput, TResult>)state!, token), item))
        {
            return await item.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Runs many inputs, a batch at a time, those of like length together.</summary>
    /// <returns>One result per input, in their order.</returns>
    /// <exception cref="OnnxQueueFullException">Too many inputs of others wait.</exception>
    /// <exception cref="ObjectDisposedException">The batcher is closed.</exception>
    public async Task<TResult[]> RunManyAsync(IReadOnlyList<TInput> inputs, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            CheckAdmission();
            _longCalls++;
        }

        try
        {
            var results = new TResult[inputs.Count];
            var parallel = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = _maxConcurrentRuns };
            await Parallel.ForEachAsync(Chunks(inputs), parallel, (chunk, token) => RunChunkAsync(inputs, chunk, results, token)).ConfigureAwait(false);
            return results;
        }
        finally
        {
            lock (_lock)
            {
                _longCalls--;
                SignalIfDrained();
            }
        }
    }

    /// <summary>Takes no more calls, and waits until those that were let in have been answered.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _closed = true;
            Dispatch();
            SignalIfDrained();
        }

        await _drained.Task.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private IEnumerable<int[]> Chunks(IReadOnlyList<TInput> inputs)
    {
        int[] order = [.. Enumerable.Range(0, inputs.Count).OrderBy(index => _length(inputs[index]))];
        for (int start = 0; start < order.Length;)
        {
            int line = LineOf(inputs[order[start]]);
            int end = start + 1;
            while (end < order.Length && end - start < _batchSizes[line] && LineOf(inputs[order[end]]) == line)
            {
                end++;
            }

            yield return order[start..end];
            start = end;
        }
    }

    private int LineOf(TInput input)
    {
        int found = Array.BinarySearch(_bounds, _length(input));
        return found < 0 ? ~found : found;
    }

    private async ValueTask RunChunkAsync(IReadOnlyList<TInput> inputs, int[] chunk, TResult[] results, CancellationToken cancellationToken)
    {
        BatchItem<TInput, TResult>[] items = [.. chunk.Select(index => new BatchItem<TInput, TResult>(inputs[index]))];
        lock (_lock)
        {
            Array.ForEach(items, Enqueue);
            Dispatch();
        }

        using (cancellationToken.UnsafeRegister((state, token) => Array.ForEach((BatchItem<TInput, TResult>[])state!, item => Cancel(item, token)), items))
        {
            TResult[] done = await Task.WhenAll(items.Select(static item => item.Task)).ConfigureAwait(false);
            for (int i = 0; i < done.Length; i++)
            {
                results[chunk[i]] = done[i];
            }
        }
    }

    // The lock is held.
    private void CheckAdmission()
    {
        ObjectDisposedException.ThrowIf(_closed, _owner);
        if (_waiting >= _queueCapacity)
        {
            throw new OnnxQueueFullException(_waiting, _queueCapacity);
        }
    }

    // The lock is held.
    private void Enqueue(BatchItem<TInput, TResult> item)
    {
        item.Arrived = _time.GetTimestamp();
        _lines[LineOf(item.Input)].AddLast(item.Node);
        _waiting++;
    }

    private void Cancel(BatchItem<TInput, TResult> item, CancellationToken cancellationToken)
    {
        Batch<TInput, TResult>? abandoned = null;
        lock (_lock)
        {
            if (item.Node.List is { } line)
            {
                line.Remove(item.Node);
                _waiting--;
            }
            else if (item.Batch is { } batch && !item.Task.IsCompleted && --batch.Wanted == 0)
            {
                abandoned = batch;
            }
        }

        item.TrySetCanceled(cancellationToken);
        abandoned?.Abandon();
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            Dispatch();
        }
    }

    // Starts what can be started now; the lock is held.
    private void Dispatch()
    {
        while (_running < _maxConcurrentRuns && TryTake(_running) is { } batch)
        {
            _running++;
            ThreadPool.UnsafeQueueUserWorkItem(static work => work.Batcher.RunAll(work.Batch), (Batcher: this, Batch: batch), preferLocal: false);
        }
    }

    // Takes the batch to run next, if there is one that need not wait for company; the lock is held.
    private Batch<TInput, TResult>? TryTake(int othersRunning)
    {
        if (_waiting == 0)
        {
            return null;
        }

        // Beside another run, only a full batch need not wait.
        (int line, TimeSpan left) = Choose(mustBeFull: othersRunning > 0 && !_closed);
        if (line < 0)
        {
            _timer.Change(left, Timeout.InfiniteTimeSpan);
            return null;
        }

        LinkedList<BatchItem<TInput, TResult>> items = _lines[line];
        var taken = new BatchItem<TInput, TResult>[NextSize(line)];
        var batch = new Batch<TInput, TResult>(taken);
        for (int i = 0; i < taken.Length; i++)
        {
            taken[i] = items.First!.Value;
            taken[i].Batch = batch;
            items.RemoveFirst();
        }

        _waiting -= taken.Length;
        return batch;
    }

    // The line of the oldest item if it has waited long enough, else that with the largest batch, or -1; and how much longer the oldest may wait.
    private (int Line, TimeSpan Left) Choose(bool mustBeFull)
    {
        int largest = -1, oldest = -1;
        for (int i = 0; i < _lines.Length; i++)
        {
            if (_lines[i].Count == 0)
            {
                continue;
            }

            if (oldest < 0 || Arrival(i) < Arrival(oldest))
            {
                oldest = i;
            }

            if ((!mustBeFull || _lines[i].Count >= _batchSizes[i])
                && (largest < 0 || NextSize(i) > NextSize(largest) || (NextSize(i) == NextSize(largest) && Arrival(i) < Arrival(largest))))
            {
                largest = i;
            }
        }

        TimeSpan left = _maxWait - _time.GetElapsedTime(Arrival(oldest));
        return (left <= TimeSpan.Zero ? oldest : largest, left);
    }

    private long Arrival(int line) => _lines[line].First!.Value.Arrived;

    private int NextSize(int line) => Math.Min(_lines[line].Count, _batchSizes[line]);

    private void RunAll(Batch<TInput, TResult>? batch)
    {
        while (batch is not null)
        {
            Run(batch);
            lock (_lock)
            {
                batch = TryTake(_running - 1);
                if (batch is null)
                {
                    _running--;
                    SignalIfDrained();
                }
            }
        }
    }

    private void Run(Batch<TInput, TResult> batch)
    {
        try
        {
            TResult[] results = _run([.. batch.Items.Select(static item => item.Input)], batch.Abandoned);
            for (int i = 0; i < batch.Items.Length; i++)
            {
                batch.Items[i].TrySetResult(results[i]);
            }
        }
        catch (Exception e) when (batch.Items.Length == 1 || batch.Abandoned.IsCancellationRequested)
        {
            Array.ForEach(batch.Items, item => item.TrySetException(e));
        }
        catch (Exception)
        {
            Array.ForEach(batch.Items, item => RunAlone(item, batch.Abandoned));
        }
    }

    private void RunAlone(BatchItem<TInput, TResult> item, CancellationToken abandoned)
    {
        if (item.Task.IsCompleted)
        {
            return;
        }

        try
        {
            item.TrySetResult(_run([item.Input], abandoned)[0]);
        }
        catch (Exception e)
        {
            item.TrySetException(e);
        }
    }

    // The lock is held.
    private void SignalIfDrained()
    {
        if (_closed && _running == 0 && _waiting == 0 && _longCalls == 0)
        {
            _drained.TrySetResult();
        }
    }
}
