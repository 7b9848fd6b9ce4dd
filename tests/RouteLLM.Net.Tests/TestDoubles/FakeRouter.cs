namespace RouteLLM.Tests;

/// <summary>A router made of a callback.</summary>
internal sealed class FakeRouter(Func<RouteRequest, CancellationToken, ValueTask<double>> predict, ScoreQuantiles? quantiles = null, RouterMetadata? metadata = null) : IRouter
{
    public FakeRouter(double winProbability)
        : this((_, _) => new(winProbability))
    {
    }

    /// <summary>Gives the probability that the prompt itself states, such as "0.7".</summary>
    public static FakeRouter ReadingPrompts() =>
        new((request, _) => new(double.Parse(request.Prompt, System.Globalization.CultureInfo.InvariantCulture)), new ScoreQuantiles([0, 1]));

    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) => predict(request, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ScoreQuantiles) ? quantiles
        : serviceType == typeof(RouterMetadata) ? metadata ?? new RouterMetadata("fake")
        : serviceType.IsInstanceOfType(this) ? this : null;
}
