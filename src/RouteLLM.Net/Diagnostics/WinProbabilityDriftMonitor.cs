using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RouteLLM.Diagnostics;

/// <summary>Compares the win probabilities of recent requests with those of calibration, for each router, to tell when traffic has become other than what thresholds were chosen for.</summary>
/// <remarks>
/// The index is also the gauge <c>routellm.win_probability.drift</c> of the meter <c>RouteLLM</c>, by router, for as long as the monitor is in use, and a health check (<c>AddRoutingDrift</c> on the health checks of a host) turns degraded by it.
/// A router that is replaced by one with other quantiles under the same name starts anew. Thread-safe.
/// </remarks>
public sealed class WinProbabilityDriftMonitor : IRoutingObserver
{
    private readonly int _window;
    private readonly int _minimumCount;
    private readonly double _limit;
    private readonly Dictionary<string, ScoreQuantiles> _baselines;
    private readonly ConcurrentDictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    /// <summary>Initializes a new instance of the <see cref="WinProbabilityDriftMonitor"/> class.</summary>
    /// <param name="options">The window and limits, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="meterFactory">Makes the meter, or <see langword="null"/> for one of the process.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public WinProbabilityDriftMonitor(WinProbabilityDriftOptions? options = null, IMeterFactory? meterFactory = null)
    {
        options ??= new();
        if (string.Join(" ", options.FindErrors()) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, nameof(options));
        }

        (_window, _minimumCount, _limit) = (options.Window, options.MinimumCount, options.Limit);
        _baselines = new(options.Baselines, StringComparer.Ordinal);
        RoutingInstruments.Of(meterFactory).ObserveDrift(this, Observe);
    }

    /// <inheritdoc/>
    public void OnCompleted(RouteRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Decision is { Router: { } router, WinProbability: { } winProbability })
        {
            WindowOf(router, record.Decision.Predictor)?.Add(winProbability);
        }
    }

    /// <summary>Compares the latest requests of each router with its baseline.</summary>
    /// <returns>The comparisons, by the routers' names; those of routers that have a baseline and were asked.</returns>
    public IReadOnlyList<WinProbabilityDrift> Measure() =>
        [.. _watched.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => pair.Value.Window?.Measure(pair.Key)).OfType<WinProbabilityDrift>()];

    /// <summary>Tells whether a router's win probabilities have drifted: over at least <see cref="WinProbabilityDriftOptions.MinimumCount"/> requests, the index is at least <see cref="WinProbabilityDriftOptions.Limit"/>, and above what chance would do.</summary>
    /// <param name="drift">A comparison.</param>
    /// <returns><see langword="true"/> if they have.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="drift"/> is <see langword="null"/>.</exception>
    public bool HasDrifted(WinProbabilityDrift drift)
    {
        ArgumentNullException.ThrowIfNull(drift);
        return drift.Exceeds(_limit, _minimumCount);
    }

    private WinProbabilityWindow? WindowOf(string name, IRouter? router)
    {
        // Most requests ask the router that the last one did.
        if (_watched.TryGetValue(name, out Watched? watched) && ReferenceEquals(watched.Router, router))
        {
            return watched.Window;
        }

        ScoreQuantiles? baseline = _baselines.GetValueOrDefault(name) ?? router?.GetService<ScoreQuantiles>();
        WinProbabilityWindow? window = baseline is null ? null
            : watched?.Window is { } present && (ReferenceEquals(present.Baseline, baseline) || present.Baseline.Values.SequenceEqual(baseline.Values)) ? present
            : new(baseline, _window);
        _watched[name] = new(router, window);
        return window;
    }

    private IEnumerable<Measurement<double>> Observe() =>
        Measure().Select(static drift => new Measurement<double>(drift.Index, new KeyValuePair<string, object?>(RoutingTelemetryNames.Router, drift.Router)));

    private sealed record Watched(IRouter? Router, WinProbabilityWindow? Window);
}
