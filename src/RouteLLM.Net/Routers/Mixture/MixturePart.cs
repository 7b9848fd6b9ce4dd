namespace RouteLLM;

/// <summary>One router of a <see cref="MixtureRouter"/> and what it counts.</summary>
public sealed class MixturePart
{
    /// <summary>Initializes a new instance of the <see cref="MixturePart"/> class.</summary>
    /// <param name="router">The router.</param>
    /// <param name="weight">What its log-odds are multiplied by: finite, and negative for a signal that speaks for the weak model.</param>
    /// <exception cref="ArgumentNullException"><paramref name="router"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weight"/> is not finite.</exception>
    public MixturePart(IRouter router, double weight)
    {
        ArgumentNullException.ThrowIfNull(router);
        if (!double.IsFinite(weight))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "A weight is a finite number.");
        }

        Router = router;
        Weight = weight;
    }

    /// <summary>Gets the router.</summary>
    public IRouter Router { get; }

    /// <summary>Gets what its log-odds are multiplied by.</summary>
    public double Weight { get; }
}
