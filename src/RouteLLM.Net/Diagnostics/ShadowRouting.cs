using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RouteLLM.Internals;

namespace RouteLLM.Diagnostics;

/// <summary>Has a candidate decide on the same requests, without effect and off their path, and measures how often it would have decided otherwise and what that would have saved.</summary>
/// <remarks>
/// <para>
/// The candidate is a policy or a router. It sees each request after it is over, with copies of its messages and options; no model is called, so what another route's answer would have been worth is not known, and its tokens are taken to be as many as were used.
/// Compared are the routes chosen, whichever answered in the end. Requests that no policy decided (pinned, provider state, tool results) are left out.
/// </para>
/// <para>The numbers are also metrics: <c>routellm.shadow.decisions</c>, <c>routellm.shadow.cost</c>, <c>routellm.shadow.actual_cost</c> and <c>routellm.shadow.missed</c>. Thread-safe.</para>
/// </remarks>
public sealed class ShadowRouting : IRoutingObserver, IAsyncDisposable, IDisposable
{
    private readonly Func<RouteRequest, IReadOnlyList<ModelRoute>, CancellationToken, ValueTask<ModelRoute>> _choose;
    private readonly TimeSpan _timeout;
    private readonly RandomSample _sample;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly RoutingInstruments _instruments;
    private readonly BackgroundQueue<Compared> _queue;
    private readonly Lock _lock = new();
    private ShadowReport _report = new();

    /// <summary>Initializes a new instance of the <see cref="ShadowRouting"/> class for a policy.</summary>
    /// <param name="name">The shadow's name, for metrics.</param>
    /// <param name="policy">The candidate. Its routes are compared by name with the client's; their clients are not called.</param>
    /// <param name="options">How much it sees, and more, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="loggerFactory">Makes the logger, or <see langword="null"/> for none.</param>
    /// <param name="meterFactory">Makes the meter, or <see langword="null"/> for one of the process.</param>
    /// <param name="timeProvider">The clock for the time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The name is empty, or the options are not valid.</exception>
    public ShadowRouting(string name, IRoutingPolicy policy, ShadowOptions? options = null, ILoggerFactory? loggerFactory = null, IMeterFactory? meterFactory = null, TimeProvider? timeProvider = null)
        : this(name, ChooseBy(policy), options, loggerFactory, meterFactory, timeProvider)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="ShadowRouting"/> class for a router and a threshold: the client's first, strongest route when the win probability is at least that, else its last.</summary>
    /// <param name="name">The shadow's name, for metrics.</param>
    /// <param name="router">The candidate.</param>
    /// <param name="threshold">The threshold, in [0, 1]. For a share of its own traffic, take <see cref="ScoreQuantiles.ThresholdForStrongShare"/>.</param>
    /// <param name="options">How much it sees, and more, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="loggerFactory">Makes the logger, or <see langword="null"/> for none.</param>
    /// <param name="meterFactory">Makes the meter, or <see langword="null"/> for one of the process.</param>
    /// <param name="timeProvider">The clock for the time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">The name is empty, the threshold lies outside [0, 1], or the options are not valid.</exception>
    public ShadowRouting(string name, IRouter router, double threshold, ShadowOptions? options = null, ILoggerFactory? loggerFactory = null, IMeterFactory? meterFactory = null, TimeProvider? timeProvider = null)
        : this(name, ChooseBy(router, threshold), options, loggerFactory, meterFactory, timeProvider)
    {
    }

    private ShadowRouting(
        string name, Func<RouteRequest, IReadOnlyList<ModelRoute>, CancellationToken, ValueTask<ModelRoute>> choose, ShadowOptions? options, ILoggerFactory? loggerFactory, IMeterFactory? meterFactory, TimeProvider? timeProvider)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        options ??= new();
        if (string.Join(" ", options.FindErrors()) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, nameof(options));
        }

        Name = name;
        _choose = choose;
        _timeout = options.Timeout;
        _sample = new(options.SampleShare, options.Seed);
        _timeProvider = timeProvider ?? TimeProvider.System;
        _logger = loggerFactory?.CreateLogger(typeof(ShadowRouting)) ?? NullLogger.Instance;
        _instruments = RoutingInstruments.Of(meterFactory);
        _queue = new(options.Capacity, options.MaxConcurrency, CompareAsync);
    }

    /// <summary>Gets the shadow's name.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public void OnCompleted(RouteRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Decision.Reason is RouteReasons.Pinned or RouteReasons.ProviderState or RouteReasons.ToolResult || !_sample.Next())
        {
            return;
        }

        bool isPriced = record is { Status: RouteAttemptStatus.Answered, Cost: not null };
        var compared = new Compared(record.Request.Detach(), record.Routes, record.Decision.Routes[0].Name, isPriced ? record.Usage : null, isPriced ? record.Cost : null);
        if (!_queue.TryAdd(compared))
        {
            Missed("dropped", static report => report with { Dropped = report.Dropped + 1 });
        }
    }

    /// <summary>Gives what the shadow would have done so far.</summary>
    /// <returns>The numbers since this was made.</returns>
    public ShadowReport Measure()
    {
        lock (_lock)
        {
            return _report;
        }
    }

    /// <summary>Waits until the shadow has decided all requests that came before.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when none is left.</returns>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _queue.WhenIdleAsync(cancellationToken);

    /// <summary>Stops; requests that are waiting are passed over.</summary>
    /// <returns>A task that completes when the decisions under way have ended.</returns>
    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    /// <summary>Does what <see cref="DisposeAsync"/> does, and waits for it.</summary>
    public void Dispose() => _queue.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static Func<RouteRequest, IReadOnlyList<ModelRoute>, CancellationToken, ValueTask<ModelRoute>> ChooseBy(IRoutingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return async (request, _, cancellationToken) => (await policy.DecideAsync(request, cancellationToken).ConfigureAwait(false)).Routes[0];
    }

    private static Func<RouteRequest, IReadOnlyList<ModelRoute>, CancellationToken, ValueTask<ModelRoute>> ChooseBy(IRouter router, double threshold)
    {
        ArgumentNullException.ThrowIfNull(router);
        if (threshold is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "A threshold lies in [0, 1].");
        }

        return async (request, routes, cancellationToken) =>
            await router.PredictWinProbabilityAsync(request, cancellationToken).ConfigureAwait(false) is >= 0 and <= 1 and var winProbability
                ? winProbability >= threshold ? routes[0] : routes[^1]
                : throw new InvalidOperationException("The shadow's router gave a number that is no probability in [0, 1].");
    }

    private async Task CompareAsync(Compared compared, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            Missed("dropped", static report => report with { Dropped = report.Dropped + 1 });
            return;
        }

        try
        {
            Add(compared, await TimeLimit.RunAsync(token => _choose(compared.Request, compared.Routes, token), _timeout, _timeProvider, stopping).ConfigureAwait(false));
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            Missed("dropped", static report => report with { Dropped = report.Dropped + 1 });
        }
        catch (Exception error)
        {
            // Once, not for every request: a shadow that is broken fails on all of them.
            if (Missed("failed", static report => report with { Failed = report.Failed + 1 }).Failed == 1)
            {
                _logger.ShadowFailed(Name, error.GetType().FullName!);
            }
        }
    }

    private void Add(Compared compared, ModelRoute chosen)
    {
        int actualRank = RankOf(compared.Actual, compared.Routes), shadowRank = RankOf(chosen.Name, compared.Routes);
        bool agrees = chosen.Name == compared.Actual;
        ModelRoute priced = shadowRank < compared.Routes.Count ? compared.Routes[shadowRank] : chosen;
        decimal? actualCost = compared.Cost, shadowCost = agrees ? actualCost : RequestMeasures.CostOn(priced, compared.Usage);
        bool isPriced = actualCost is not null && shadowCost is not null;
        lock (_lock)
        {
            _report = _report with
            {
                Compared = _report.Compared + 1,
                MovedUp = _report.MovedUp + (!agrees && shadowRank < actualRank ? 1 : 0),
                MovedDown = _report.MovedDown + (!agrees && shadowRank >= actualRank ? 1 : 0),
                Priced = _report.Priced + (isPriced ? 1 : 0),
                ActualCost = _report.ActualCost + (isPriced ? actualCost!.Value : 0),
                ShadowCost = _report.ShadowCost + (isPriced ? shadowCost!.Value : 0),
            };
        }

        _instruments.ShadowDecisions.Add(1, new TagList
        {
            { RoutingTelemetryNames.Shadow, Name },
            { RoutingTelemetryNames.Route, compared.Actual },
            { RoutingTelemetryNames.ShadowRoute, chosen.Name },
            { RoutingTelemetryNames.ShadowAgrees, agrees },
        });
        if (isPriced)
        {
            var tag = new KeyValuePair<string, object?>(RoutingTelemetryNames.Shadow, Name);
            _instruments.ShadowActualCost.Add((double)actualCost!.Value, tag);
            _instruments.ShadowCost.Add((double)shadowCost!.Value, tag);
        }
    }

    // Routes are listed strongest first; one that the client does not have counts as weaker than all.
    private static int RankOf(string route, IReadOnlyList<ModelRoute> routes)
    {
        int rank = 0;
        while (rank < routes.Count && routes[rank].Name != route)
        {
            rank++;
        }

        return rank;
    }

    private ShadowReport Missed(string cause, Func<ShadowReport, ShadowReport> count)
    {
        _instruments.ShadowMissed.Add(1, new(RoutingTelemetryNames.Shadow, Name), new(RoutingTelemetryNames.Cause, cause));
        lock (_lock)
        {
            return _report = count(_report);
        }
    }

    /// <summary>What is kept of a request until the shadow has decided it.</summary>
    private sealed record Compared(RouteRequest Request, IReadOnlyList<ModelRoute> Routes, string Actual, UsageDetails? Usage, decimal? Cost);
}
