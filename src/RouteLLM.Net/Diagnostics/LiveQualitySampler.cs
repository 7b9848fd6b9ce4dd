using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RouteLLM.Internals;

namespace RouteLLM.Diagnostics;

/// <summary>Has a sample of live answers judged, off the path of requests, and keeps their quality by route and cluster.</summary>
/// <remarks>
/// <para>
/// The judge is a delegate: a chat model that grades, a rule, a reward model, or a scorer of RouteLLM.Net.Training. What it is given holds the caller's own messages as they are when it runs (<see cref="RouteRecord.Request"/> has copies of the lists) and the whole answer
/// (<see cref="RouteRecord.Response"/>), for which the updates of streams are kept until they end.
/// </para>
/// <para>
/// A verdict is also the metric <c>routellm.quality</c>, and the <c>reward</c> of the request in a <see cref="DecisionLog"/> of the same client. Bounded in all it does: the share, what waits, how many at once, how many an hour.
/// Routes differ in the prompts they get, so means of two routes do not compare models; over time, one route's do. Thread-safe.
/// </para>
/// </remarks>
public sealed class LiveQualitySampler : IRoutingObserver, IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly Func<RouteRecord, CancellationToken, ValueTask<double>> _judge;
    private readonly Func<RouteRecord, bool>? _filter;
    private readonly int? _maxPerHour;
    private readonly TimeSpan _timeout;
    private readonly RandomSample _sample;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly RoutingInstruments _instruments;
    private readonly BackgroundQueue<Sampled> _queue;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Route, int? Cluster), Moments> _moments = [];
    private DateTimeOffset _hour;
    private int _inHour;
    private long _missed;
    private int _hasFailed;

    /// <summary>Initializes a new instance of the <see cref="LiveQualitySampler"/> class.</summary>
    /// <param name="judge">Says how good the answer to a request is, in [0, 1]. Called from several threads if <see cref="LiveQualityOptions.MaxConcurrency"/> says so. What it throws is logged and reaches no caller.</param>
    /// <param name="options">How much is judged, and more, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="loggerFactory">Makes the logger, or <see langword="null"/> for none.</param>
    /// <param name="meterFactory">Makes the meter, or <see langword="null"/> for one of the process.</param>
    /// <param name="timeProvider">The clock for the time limit and the hours, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public LiveQualitySampler(
        Func<RouteRecord, CancellationToken, ValueTask<double>> judge, LiveQualityOptions? options = null, ILoggerFactory? loggerFactory = null, IMeterFactory? meterFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(judge);
        options ??= new();
        if (string.Join(" ", options.FindErrors()) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, nameof(options));
        }

        _judge = judge;
        _filter = options.Filter;
        _maxPerHour = options.MaxPerHour;
        _timeout = options.Timeout;
        _sample = new(options.SampleShare, options.Seed);
        _timeProvider = timeProvider ?? TimeProvider.System;
        _logger = loggerFactory?.CreateLogger(typeof(LiveQualitySampler)) ?? NullLogger.Instance;
        _instruments = RoutingInstruments.Of(meterFactory);
        _queue = new(options.Capacity, options.MaxConcurrency, JudgeAsync);
    }

    /// <summary>Gets a value indicating that responses are wanted.</summary>
    public bool WantsResponse => true;

    /// <summary>Gets how many answers of the sample were not judged: too many were waiting, the hour's number was reached, or the judge failed.</summary>
    public long MissedCount => Volatile.Read(ref _missed);

    /// <inheritdoc/>
    public void OnCompleted(RouteRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Response is not { Text.Length: > 0 } || !_sample.Next() || _filter?.Invoke(record) == false)
        {
            return;
        }

        if (!TakeFromHour())
        {
            Miss("limited");
            return;
        }

        var verdict = new TaskCompletionSource<double?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_queue.TryAdd(new(record.Detach(), verdict)))
        {
            record.Reward = verdict.Task;
        }
        else
        {
            Miss("dropped");
        }
    }

    /// <summary>Gives how good the answers judged so far were found to be.</summary>
    /// <returns>The numbers since this was made, by route and cluster.</returns>
    public IReadOnlyList<LiveQuality> Measure()
    {
        lock (_lock)
        {
            return [.. _moments.OrderBy(static pair => pair.Key.Route, StringComparer.Ordinal).ThenBy(static pair => pair.Key.Cluster)
                .Select(static pair => new LiveQuality(pair.Key.Route, pair.Key.Cluster, pair.Value.Count, pair.Value.Mean, pair.Value.StandardError))];
        }
    }

    /// <summary>Waits until all answers that came before are judged.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when none is left.</returns>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _queue.WhenIdleAsync(cancellationToken);

    /// <summary>Stops; answers that are waiting, or being judged, are passed over.</summary>
    /// <returns>A task that completes when the judge has stopped.</returns>
    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    /// <summary>Does what <see cref="DisposeAsync"/> does, and waits for it.</summary>
    public void Dispose() => _queue.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private bool TakeFromHour()
    {
        if (_maxPerHour is not { } limit)
        {
            return true;
        }

        DateTimeOffset now = _timeProvider.GetUtcNow();
        lock (_lock)
        {
            if (now - _hour >= s_hour)
            {
                (_hour, _inHour) = (now, 0);
            }

            return _inHour < limit && ++_inHour > 0;
        }
    }

    private async Task JudgeAsync(Sampled sampled, CancellationToken stopping)
    {
        double? score = null;
        try
        {
            stopping.ThrowIfCancellationRequested();
            double given = await TimeLimit.RunAsync(token => _judge(sampled.Record, token), _timeout, _timeProvider, stopping).ConfigureAwait(false);
            score = given is >= 0 and <= 1 ? given : throw new InvalidOperationException($"The judge gave {given}, which is no score in [0, 1].");
            Add(sampled.Record, given);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            Miss("dropped");
        }
        catch (Exception error)
        {
            Miss("failed");

            // The first time only: a judge that is broken fails on every answer. The message may quote the prompt, so the type has to do.
            if (Interlocked.Exchange(ref _hasFailed, 1) == 0)
            {
                _logger.JudgeFailed(error.GetType().FullName!);
            }
        }
        finally
        {
            sampled.Verdict.TrySetResult(score);
        }
    }

    private void Add(RouteRecord record, double score)
    {
        string route = RequestMeasures.RouteOf(record);
        int? cluster = record.Request.Cluster;
        lock (_lock)
        {
            if (!_moments.TryGetValue((route, cluster), out Moments? moments))
            {
                _moments[(route, cluster)] = moments = new();
            }

            moments.Add(score);
        }

        if (cluster is { } number)
        {
            _instruments.Quality.Record(score, new(RoutingTelemetryNames.Route, route), new(RoutingTelemetryNames.Cluster, number));
        }
        else
        {
            _instruments.Quality.Record(score, new KeyValuePair<string, object?>(RoutingTelemetryNames.Route, route));
        }
    }

    private void Miss(string cause)
    {
        Interlocked.Increment(ref _missed);
        _instruments.QualityMissed.Add(1, new KeyValuePair<string, object?>(RoutingTelemetryNames.Cause, cause));
    }

    private sealed record Sampled(RouteRecord Record, TaskCompletionSource<double?> Verdict);

    /// <summary>Mean and variance, updated number by number (Welford, 1962).</summary>
    private sealed class Moments
    {
        private double _squares;

        public long Count { get; private set; }

        public double Mean { get; private set; }

        public double StandardError => Count < 2 ? double.NaN : Math.Sqrt(_squares / (Count - 1) / Count);

        public void Add(double value)
        {
            Count++;
            double difference = value - Mean;
            Mean += difference / Count;
            _squares += difference * (value - Mean);
        }
    }
}
