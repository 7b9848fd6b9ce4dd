namespace RouteLLM.Evaluation;

/// <summary>What scores mean, and between which numbers they lie.</summary>
public sealed record ScoreScale
{
    /// <summary>Initializes a new instance of the <see cref="ScoreScale"/> class.</summary>
    /// <param name="name">What the scores are, such as <c>exact match</c>; stated in reports.</param>
    /// <param name="minimum">The lowest score.</param>
    /// <param name="maximum">The highest score.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty, or the bounds are not finite and in order.</exception>
    public ScoreScale(string name, double minimum, double maximum)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!double.IsFinite(minimum) || !double.IsFinite(maximum) || minimum >= maximum)
        {
            throw new ArgumentException($"A scale runs from a lower to a higher finite number; got {minimum} to {maximum}.");
        }

        (Name, Minimum, Maximum) = (name, minimum, maximum);
    }

    /// <summary>Gets the scale of scores in [0, 1] of which no more is known. It is the default everywhere.</summary>
    public static ScoreScale Unit { get; } = new("score", 0, 1);

    /// <summary>Gets the scale of exact matches: 0 or 1, or their mean.</summary>
    public static ScoreScale ExactMatch { get; } = new("exact match", 0, 1);

    /// <summary>Gets the scale of F1 scores, in [0, 1].</summary>
    public static ScoreScale F1 { get; } = new("F1", 0, 1);

    /// <summary>Gets the scale of pass@1, in [0, 1].</summary>
    public static ScoreScale PassAt1 { get; } = new("pass@1", 0, 1);

    /// <summary>Gets the scale of a judge's grades from 1 to 10, as MT-Bench has them.</summary>
    public static ScoreScale OneToTen { get; } = new("grade 1-10", 1, 10);

    /// <summary>Gets the scale of percentages, from 0 to 100.</summary>
    public static ScoreScale Percent { get; } = new("percent", 0, 100);

    /// <summary>Gets what the scores are.</summary>
    public string Name { get; }

    /// <summary>Gets the lowest score.</summary>
    public double Minimum { get; }

    /// <summary>Gets the highest score.</summary>
    public double Maximum { get; }

    /// <summary>Says whether a score lies on the scale; NaN does not.</summary>
    /// <param name="score">The score.</param>
    /// <returns>Whether it does.</returns>
    public bool Contains(double score) => score >= Minimum && score <= Maximum;

    /// <summary>Moves a score to [0, 1].</summary>
    /// <param name="score">A score on the scale.</param>
    /// <returns>0 for the lowest, 1 for the highest.</returns>
    public double Normalize(double score) => (score - Minimum) / (Maximum - Minimum);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Name} [{Minimum}, {Maximum}]");
}
