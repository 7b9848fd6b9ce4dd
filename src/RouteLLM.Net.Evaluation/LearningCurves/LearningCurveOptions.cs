namespace RouteLLM.Evaluation;

/// <summary>How a learning curve is measured.</summary>
public sealed class LearningCurveOptions
{
    /// <summary>Gets the numbers of labels to train with, ascending, or <see langword="null"/> (the default) for 25, 50, 100, 200, ... and all there are. Numbers above what there is are left out.</summary>
    public IReadOnlyList<int>? Sizes { get; init; }

    /// <summary>Gets how often rows are held back and labels drawn anew, at least 1; 10 by default.</summary>
    public int Repetitions { get; init; } = 10;

    /// <summary>Gets the share of groups held back to measure on, in (0, 1); 0.3 by default.</summary>
    public double HeldBackShare { get; init; } = 0.3;

    /// <summary>Gets the gain in quality that twice as many labels must bring to be worth it; 0.01 by default.</summary>
    public double MinimumGain { get; init; } = 0.01;

    /// <summary>Gets what no quality exceeds: the bound of the fitted limit; 1 by default. Give 0 for a loss with its sign turned.</summary>
    public double HighestQuality { get; init; } = 1;

    /// <summary>Gets the seed of the draws; 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>Gets how many repetitions run at once, or -1 (the default) for as many as there are processors. The result does not depend on it; delegates that are not thread-safe need 1.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Repetitions, 1, nameof(Repetitions));
        if (HeldBackShare is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(HeldBackShare), HeldBackShare, "The share of groups held back lies between 0 and 1.");
        }

        if (MinimumGain is not (> 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(MinimumGain), MinimumGain, "The smallest gain that is worth twice the labels is a number above 0.");
        }

        if (!double.IsFinite(HighestQuality))
        {
            throw new ArgumentOutOfRangeException(nameof(HighestQuality), HighestQuality, "The highest quality is a finite number.");
        }

        if (Sizes is not null && (Sizes.Count == 0 || Sizes[0] < 1 || Sizes.Zip(Sizes.Skip(1)).Any(static pair => pair.First >= pair.Second)))
        {
            throw new ArgumentException($"The sizes are {string.Join(", ", Sizes)}; expected at least one, above 0 and ascending.", nameof(Sizes));
        }
    }
}
