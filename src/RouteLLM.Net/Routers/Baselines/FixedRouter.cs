namespace RouteLLM;

/// <summary>Gives every request the same win probability: the baselines that always ask the strong or always the weak model, and a known score for tests.</summary>
/// <remarks>
/// <para>
/// A request is strong when its win probability reaches the threshold, p >= t. So 1 is strong at every threshold in [0, 1], and 0 is weak at every threshold
/// but 0: at threshold 0 every request is strong by definition, whatever the router.
/// </para>
/// <para>
/// Equal scores cannot be told apart, so a strong share s with 0 &lt; s &lt; 1 cannot be met: it sends every request to the strong model, or none
/// from a win probability of 0. Shares of 0 and 1 mean none and all, as for any router.
/// </para>
/// </remarks>
public sealed class FixedRouter : IRouter
{
    private readonly double _winProbability;
    private readonly RouterMetadata _metadata;
    private readonly ScoreQuantiles _quantiles;

    /// <summary>Initializes a new instance of the <see cref="FixedRouter"/> class.</summary>
    /// <param name="winProbability">The win probability of every request, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="winProbability"/> is NaN or not in [0, 1].</exception>
    public FixedRouter(double winProbability)
        : this(Probability.Checked(winProbability), "fixed")
    {
    }

    private FixedRouter(double winProbability, string name)
    {
        _winProbability = winProbability;
        _metadata = new RouterMetadata(name);

        // The constant itself, but never 0: as a threshold 0 would turn "always weak" into always strong for any share between 0 and 1.
        double constant = Math.Max(winProbability, double.Epsilon);
        _quantiles = new ScoreQuantiles([constant, constant]);
    }

    /// <summary>Gets the router named <c>always-strong</c>, whose win probability is 1: strong at every threshold in [0, 1].</summary>
    public static FixedRouter AlwaysStrong { get; } = new(1, "always-strong");

    /// <summary>Gets the router named <c>always-weak</c>, whose win probability is 0: weak at every threshold above 0.</summary>
    public static FixedRouter AlwaysWeak { get; } = new(0, "always-weak");

    /// <inheritdoc/>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<double>(cancellationToken) : new(_winProbability);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, _metadata, _quantiles);
}
