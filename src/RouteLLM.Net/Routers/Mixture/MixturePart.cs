namespace RouteLLM;

/// <summary>One router of a <see cref="MixtureRouter"/> and what it counts.</summary>
public sealed class MixturePart
{
    /// <summary>Initializes a new instance of the <see cref="MixturePart"/> class.</summary>
    /// <param name="router">The router.</param>
    /// <param name="weight">
    /// What its log-odds are multiplied by: finite. Weights that add up to 1 make a mean; larger ones make the mixture surer than its parts, which is right where they err on different prompts. A negative one, which
    /// fitting may give to a part that others already speak for, counts against the part.
    /// </param>
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
        Name = ThresholdPolicy.NameOf(router);
    }

    /// <summary>Gets the router.</summary>
    public IRouter Router { get; }

    /// <summary>Gets what its log-odds are multiplied by.</summary>
    public double Weight { get; }

    /// <summary>Gets the router's name, as its metadata tells it.</summary>
    internal string Name { get; }
}
