namespace RouteLLM.Reporting;

/// <summary>How many win probabilities fall into each of some bins of equal width.</summary>
/// <param name="Low">Where the first bin begins.</param>
/// <param name="Width">How wide each is.</param>
/// <param name="Counts">How many win probabilities each holds; one on a border belongs to the upper bin, but for the last.</param>
internal sealed record ScoreHistogram(double Low, double Width, IReadOnlyList<int> Counts)
{
    private const int Bins = 40;

    // Bins that are narrower would show the digits of the scores and not their distribution.
    private const double Step = 0.05;

    /// <summary>Counts.</summary>
    /// <param name="winProbabilities">The win probabilities, at least one.</param>
    /// <param name="border">Where two bins are to meet, or <see langword="null"/>.</param>
    public static ScoreHistogram Create(IEnumerable<double> winProbabilities, double? border = null)
    {
        double[] values = [.. winProbabilities];
        double low = Math.Floor(values.Min() / Step) * Step, high = Math.Ceiling(values.Max() / Step) * Step;
        high = high > low ? Math.Min(high, 1) : low + Step;
        double width = (high - low) / Bins;
        int bins = Bins;
        if (border is { } between && between > low && between < high)
        {
            low = between - (Math.Ceiling((between - low) / width) * width);
            bins++;
        }

        var counts = new int[bins];
        foreach (double value in values)
        {
            counts[Math.Clamp((int)((value - low) / width), 0, bins - 1)]++;
        }

        return new ScoreHistogram(low, width, counts);
    }
}
