namespace RouteLLM.Training;

/// <summary>Gives predictions that were made before, in the order of the rows; so that rows predicted by several routers can be evaluated together.</summary>
internal sealed class ReplayRouter(IReadOnlyList<double> probabilities) : IRouter, IBatchRouter
{
    private int _next;

    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(probabilities[_next++]);

    public ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        double[] batch = [.. probabilities.Skip(_next).Take(requests.Count)];
        _next += batch.Length;
        return new(batch);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;
}
