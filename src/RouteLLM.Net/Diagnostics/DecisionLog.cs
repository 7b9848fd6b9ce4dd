using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RouteLLM.Diagnostics;

/// <summary>Writes a line of JSON for each request that is over, to look at, to recalibrate from and to replay under other thresholds (<c>routellm simulate --log</c>).</summary>
/// <remarks>
/// <para>
/// A line has <c>time</c>, <c>route</c> (the one that answered), <c>chosen</c> (the one first tried), <c>reason</c>, <c>router</c>, <c>win_probability</c>, <c>threshold</c>, <c>cluster</c>, <c>variant</c>, <c>tenant</c>, <c>query_length</c> (UTF-16 units),
/// <c>prompt_key</c> (the first 128 bits of the prompt's SHA-256, or of its HMAC with <see cref="DecisionLogOptions.PromptKeySecret"/>), <c>status</c>, <c>model</c>, <c>input_tokens</c>, <c>cached_input_tokens</c>, <c>output_tokens</c>, <c>usage_estimated</c>,
/// <c>cost</c> (USD), <c>latency_ms</c>, <c>time_to_first_update_ms</c>, <c>reward</c>, <c>error</c> (a type), <c>trace_id</c>, <c>attempts</c> and, where there were any, <c>attempted</c>, <c>steps</c> and <c>skips</c>. What is not known is left out. The prompt
/// itself is written only by clients that have sensitive data switched on.
/// </para>
/// <para>
/// No request waits for it: decisions queue, and a thread of the pool writes what has come together in batches. On disposal, and on a normal exit of the process without one, everything is written that came before. A crash (<c>kill -9</c>) loses the decisions that
/// are queued or being written, in practice those of the latest milliseconds, and never more than <see cref="DecisionLogOptions.Capacity"/> plus one batch of 64 KB, and as many again that await a reward; it may cut the last line short. If the file cannot be written, that is logged and tried again until it can;
/// what finds the queue full in the meantime is counted (<see cref="DroppedCount"/>) and lost.
/// </para>
/// <para>A line whose reward is still to come (<see cref="RouteRecord.Reward"/>) is written when it has come, so lines are not quite in order of time. Thread-safe; one log may serve several clients.</para>
/// </remarks>
public sealed class DecisionLog : IRoutingObserver, IAsyncDisposable, IDisposable
{
    private const int BatchBytes = 64 * 1024;
    private static readonly TimeSpan s_dropWarningInterval = TimeSpan.FromMinutes(1);

    private readonly DecisionLogOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly RoutingInstruments _instruments;
    private readonly Channel<DecisionLogEntry> _queue;
    private readonly ConcurrentDictionary<DecisionLogEntry, bool> _awaitingReward = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly DecisionLogFile _file;
    private readonly Task _writing;
    private readonly Lazy<Task> _disposal;
    private long _dropped;
    private long _written;
    private long _nextDropWarning;

    /// <summary>Initializes a new instance of the <see cref="DecisionLog"/> class. The first file is made when there is something to write.</summary>
    /// <param name="options">Where the log goes, and more; read once.</param>
    /// <param name="loggerFactory">Makes the logger that is told when the log cannot be written, or <see langword="null"/> for none.</param>
    /// <param name="meterFactory">Makes the meter, or <see langword="null"/> for one of the process.</param>
    /// <param name="timeProvider">The clock for the days of files and for retries, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public DecisionLog(DecisionLogOptions options, ILoggerFactory? loggerFactory = null, IMeterFactory? meterFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.Join(" ", options.FindErrors()) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, nameof(options));
        }

        _options = new()
        {
            Path = options.Path,
            MaxFileBytes = options.MaxFileBytes,
            RetainedFiles = options.RetainedFiles,
            Capacity = options.Capacity,
            FlushToDisk = options.FlushToDisk,
            RetryDelay = options.RetryDelay,
            IncludePrompts = options.IncludePrompts,
            PromptKeySecret = options.PromptKeySecret,
        };
        _logger = loggerFactory?.CreateLogger(typeof(DecisionLog)) ?? NullLogger.Instance;
        _timeProvider = timeProvider ?? TimeProvider.System;
        _instruments = RoutingInstruments.Of(meterFactory);
        _queue = Channel.CreateBounded<DecisionLogEntry>(new BoundedChannelOptions(_options.Capacity) { SingleReader = true });
        _file = new(_options, _timeProvider);
        _disposal = new(StopAsync);
        using (ExecutionContext.SuppressFlow())
        {
            _writing = Task.Run(WriteAsync);
        }

        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <summary>Gets how many decisions were lost since the queue was full, the file could not be written by the end, or the log was disposed of.</summary>
    public long DroppedCount => Volatile.Read(ref _dropped);

    /// <summary>Gets how many decisions were written.</summary>
    public long WrittenCount => Volatile.Read(ref _written);

    /// <inheritdoc/>
    public void OnCompleted(RouteRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var entry = new DecisionLogEntry(record, _options);
        if (record.Reward is { } reward)
        {
            if (!reward.IsCompleted && _awaitingReward.Count < _options.Capacity)
            {
                _awaitingReward[entry] = true;
                _ = reward.ContinueWith(
                    completed =>
                    {
                        if (_awaitingReward.TryRemove(entry, out _))
                        {
                            Enqueue(entry, completed);
                        }
                    },
                    CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                return;
            }

            Enqueue(entry, reward);
            return;
        }

        Enqueue(entry, reward: null);
    }

    /// <summary>Waits until all decisions that came before are written, but for those whose reward is awaited. While the file cannot be written, it waits.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when they are.</returns>
    /// <exception cref="ObjectDisposedException">The log was disposed of.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _queue.Writer.WriteAsync(new DecisionLogEntry(written), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(DecisionLog));
        }

        await written.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes what is queued and closes the file. Rewards that are still to come are not waited for. A file that cannot be written is tried once more.</summary>
    /// <returns>A task that completes when it is done.</returns>
    public ValueTask DisposeAsync() => new(_disposal.Value);

    /// <summary>Does what <see cref="DisposeAsync"/> does, and waits for it.</summary>
    public void Dispose() => _disposal.Value.GetAwaiter().GetResult();

    private async Task StopAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (DecisionLogEntry entry in _awaitingReward.Keys)
        {
            if (_awaitingReward.TryRemove(entry, out _))
            {
                await _queue.Writer.WriteAsync(entry).ConfigureAwait(false);
            }
        }

        _queue.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private void OnProcessExit(object? sender, EventArgs e) => Dispose();

    private void Enqueue(DecisionLogEntry entry, Task<double?>? reward)
    {
        entry.Reward = reward is { IsCompletedSuccessfully: true } ? reward.Result : null;
        if (!_queue.Writer.TryWrite(entry))
        {
            Drop(1);
        }
    }

    private void Drop(int count)
    {
        long dropped = Interlocked.Add(ref _dropped, count);
        _instruments.LogDropped.Add(count);

        // Once a minute at most: it is a flood of requests that makes the queue full.
        long now = _timeProvider.GetTimestamp(), next = Volatile.Read(ref _nextDropWarning);
        if ((next == 0 || now >= next) && Interlocked.CompareExchange(ref _nextDropWarning, now + (long)(s_dropWarningInterval.TotalSeconds * _timeProvider.TimestampFrequency), next) == next)
        {
            _logger.DecisionLogDropped(_options.Path, dropped);
        }
    }

    private async Task WriteAsync()
    {
        using DecisionLogFile file = _file;
        using var lines = new DecisionLineWriter(_options.PromptKeySecret);
        List<TaskCompletionSource> flushes = [];
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            int count = 0;
            lines.Clear();
            while (lines.Lines.Length < BatchBytes && _queue.Reader.TryRead(out DecisionLogEntry? entry))
            {
                if (entry.Written is { } flush)
                {
                    flushes.Add(flush);
                }
                else
                {
                    lines.Add(entry);
                    count++;
                }
            }

            await SaveAsync(lines.Lines, count).ConfigureAwait(false);
            flushes.ForEach(static flush => flush.TrySetResult());
            flushes.Clear();
        }
    }

    private async Task SaveAsync(ReadOnlyMemory<byte> lines, int count)
    {
        bool hasFailed = false;
        while (count > 0)
        {
            try
            {
                _file.Write(lines.Span);
                Interlocked.Add(ref _written, count);
                _instruments.LogWritten.Add(count);
                if (hasFailed)
                {
                    _logger.DecisionLogHealed(_options.Path);
                }

                return;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                if (!hasFailed)
                {
                    _logger.DecisionLogFailed(error, _options.Path, error.Message, _options.RetryDelay.TotalSeconds, _options.Capacity);
                }

                if (_stopping.IsCancellationRequested)
                {
                    Drop(count);
                    return;
                }

                hasFailed = true;
            }

            await Task.Delay(_options.RetryDelay, _timeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
