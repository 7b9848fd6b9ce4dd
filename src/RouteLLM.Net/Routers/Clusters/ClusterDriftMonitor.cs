using System.Diagnostics.Metrics;
using RouteLLM.Diagnostics;

namespace RouteLLM;

/// <summary>Wraps a clustered router and compares the clusters of recent requests with those of its training, to tell when traffic has become other than what was learned from.</summary>
/// <remarks>
/// <para>
/// The latest requests are counted, by number, not by time: every prediction that passes through counts, in a batch too, if the router set <see cref="RouteRequest.Cluster"/>. Predictions are passed on unchanged. Found with
/// <see cref="IRouter.GetService"/> by its own type.
/// </para>
/// <para>
/// The index is also the gauge <c>routellm.cluster.drift</c> of the meter <c>RouteLLM</c>, by router, for as long as the monitor is in use. Thread-safe.
/// </para>
/// </remarks>
public sealed class ClusterDriftMonitor : DelegatingRouter
{
    /// <summary>The default number of requests that are looked back on.</summary>
    public const int DefaultWindow = 1000;

    private readonly IReadOnlyList<int> _trainingRows;
    private readonly Lock _lock = new();
    private readonly int[] _recent;
    private readonly int[] _counts;
    private int _count;
    private int _next;

    /// <summary>Initializes a new instance of the <see cref="ClusterDriftMonitor"/> class.</summary>
    /// <param name="innerRouter">The router, which has an <see cref="IClusteredRouter"/> service.</param>
    /// <param name="window">How many requests to look back on, at least 1. The default is 1,000; with fewer than some 5 a cluster, chance alone moves the index.</param>
    /// <param name="meterFactory">Makes the meter; the process's own if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The router has no clusters.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="window"/> is below 1.</exception>
    public ClusterDriftMonitor(IRouter innerRouter, int window = DefaultWindow, IMeterFactory? meterFactory = null)
        : base(innerRouter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        string name = innerRouter.GetService<RouterMetadata>()?.Name ?? innerRouter.GetType().Name;
        IClusteredRouter clustered = innerRouter.GetService<IClusteredRouter>()
            ?? throw new ArgumentException($"Router '{name}' has no clusters, so they cannot drift. Wrap a {nameof(ClusteredRouter)}, or a router that has the service {nameof(IClusteredRouter)}.", nameof(innerRouter));
        _trainingRows = clustered.ClusterRows;
        _counts = new int[_trainingRows.Count];
        _recent = new int[window];
        RoutingInstruments.Of(meterFactory).Observe(this, name);
    }

    /// <summary>Gets how many requests are looked back on.</summary>
    public int Window => _recent.Length;

    /// <summary>Compares the latest requests, up to <see cref="Window"/> of them, with the training.</summary>
    /// <returns>The comparison; one without requests before the first.</returns>
    public ClusterDrift Measure()
    {
        int[] counts;
        lock (_lock)
        {
            counts = [.. _counts];
        }

        return new ClusterDrift(_trainingRows, counts);
    }

    /// <inheritdoc/>
    public override ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ValueTask<double> prediction = base.PredictWinProbabilityAsync(request, cancellationToken);
        if (!prediction.IsCompletedSuccessfully)
        {
            return CountAsync(prediction, request);
        }

        Count(request);
        return prediction;
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        IReadOnlyList<double> predictions = await base.PredictWinProbabilitiesAsync(requests, cancellationToken).ConfigureAwait(false);
        foreach (RouteRequest request in requests)
        {
            Count(request);
        }

        return predictions;
    }

    private async ValueTask<double> CountAsync(ValueTask<double> prediction, RouteRequest request)
    {
        double probability = await prediction.ConfigureAwait(false);
        Count(request);
        return probability;
    }

    private void Count(RouteRequest request)
    {
        if (request.Cluster is not { } cluster || cluster >= _counts.Length)
        {
            return;
        }

        lock (_lock)
        {
            if (_count == _recent.Length)
            {
                _counts[_recent[_next]]--;
            }
            else
            {
                _count++;
            }

            _recent[_next] = cluster;
            _counts[cluster]++;
            _next = (_next + 1) % _recent.Length;
        }
    }
}
