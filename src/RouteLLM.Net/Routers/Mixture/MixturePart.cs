namespace RouteLLM;

/// <summary>One router of a <see cref="MixtureRouter"/>, and how much its score counts.</summary>
/// <param name="router">The router.</param>
/// <param name="weight">
/// What the router's score is multiplied by, as a logit. Weights that sum to 1 make a mean; larger sums make the mixture surer than its parts, which is right where they err on
/// different prompts. A negative weight, which fitting may give to a part that others already speak for, counts against the part.
/// </param>
public sealed class MixturePart(IRouter router, double weight)
{
    /// <summary>Gets the router.</summary>
    public IRouter Router { get; } = router ?? throw new ArgumentNullException(nameof(router));

    /// <summary>Gets what the router's score, as a logit, is multiplied by.</summary>
    public double Weight { get; } = double.IsFinite(weight) ? weight : throw new ArgumentOutOfRangeException(nameof(weight), weight, "A weight is a finite number.");

    /// <summary>Gets the router's name, as its metadata tells it.</summary>
    public string Name { get; } = ThresholdPolicy.NameOf(router);
}
