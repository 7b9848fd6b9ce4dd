using Microsoft.Extensions.Logging;
using RouteLLM.Diagnostics;
using RouteLLM.Internals;

namespace RouteLLM.DependencyInjection;

/// <summary>The router of an artifact on disk, read again when the file changes; what cannot be read is refused, and the old router stays.</summary>
/// <remarks>
/// A request that has begun keeps the router it began with, for plans hold <see cref="Current"/>: they are made anew when it changes, so that a threshold is never compared with the scores of another artifact.
/// A router that is replaced is not disposed, since requests may be using it; what it has mapped into memory is given back by the garbage collector.
/// </remarks>
internal sealed class ReloadingRouter : IBatchRouter, IDisposable
{
    private readonly FileWatch _watch;
    private readonly string _file;
    private volatile IRouter _current;

    public ReloadingRouter(string name, string path, Func<IRouter> load, RouterChanges changes, ILogger logger, TimeProvider timeProvider)
    {
        _watch = new FileWatch(timeProvider);
        _file = RouteLlmCheckpoint.WeightsPath(path);
        _watch.Add(_file);
        try
        {
            _current = load();
        }
        catch
        {
            _watch.Dispose();
            throw;
        }

        _watch.Changed = () =>
        {
            try
            {
                _current = load();
            }
            catch (Exception error)
            {
                logger.RouterRefused(error, name, path);
                return;
            }

            logger.RouterChanged(name, path);
            changes.Tell();
        };
    }

    /// <summary>Gets the router of the artifact as it was read last.</summary>
    public IRouter Current => _current;

    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) => _current.PredictWinProbabilityAsync(request, cancellationToken);

    public ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default) =>
        _current.PredictWinProbabilitiesAsync(requests, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => _current.GetService(serviceType, serviceKey);

    public void Dispose() => _watch.Dispose();
}
