namespace RouteLLM;

/// <summary>What one feature of a prompt added to a score.</summary>
public sealed class FeatureContribution
{
    internal FeatureContribution(FeatureKind kind, string description, IReadOnlyList<TextSpan> spans, double weight)
    {
        Kind = kind;
        Description = description;
        Spans = spans;
        Weight = weight;
    }

    /// <summary>Gets what the feature is made of.</summary>
    public FeatureKind Kind { get; }

    /// <summary>Gets the feature in words, such as <c>"prove that"</c>, <c>starts with "write"</c> or <c>length 120</c>; words of the prompt stand in quotes and in lower case.</summary>
    public string Description { get; }

    /// <summary>Gets the parts of the prompt it was read from, one for each time it occurs; none for a feature of shape.</summary>
    public IReadOnlyList<TextSpan> Spans { get; }

    /// <summary>Gets what it added to the score, in logits: positive if it spoke for the strong model, negative if for the weak one.</summary>
    public double Weight { get; }

    /// <summary>Gives the description and the weight.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => FormattableString.Invariant($"{Weight:+0.000;-0.000} {Description}");
}
