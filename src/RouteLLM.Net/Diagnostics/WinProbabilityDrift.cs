namespace RouteLLM.Diagnostics;

/// <summary>How far the win probabilities of recent requests have moved from those that the router was calibrated on.</summary>
/// <param name="Router">The router's name.</param>
/// <param name="Index">The population stability index over bands of win probability: below 0.1 little has moved, above 0.25 much (see <see cref="PopulationStabilityIndex"/>).</param>
/// <param name="SamplingLimit">What the index of as many requests exceeds by chance alone in one case of twenty.</param>
/// <param name="Count">The number of requests looked at.</param>
/// <param name="UpperBounds">The upper bounds of the bands but for the last, inclusive: deciles of the calibration.</param>
/// <param name="Expected">The share of each band in calibration.</param>
/// <param name="Actual">The share of each band among the requests.</param>
public sealed record WinProbabilityDrift(
    string Router, double Index, double SamplingLimit, int Count, IReadOnlyList<double> UpperBounds, IReadOnlyList<double> Expected, IReadOnlyList<double> Actual)
{
    /// <summary>Tells whether much has moved, and more than chance would: the index is at least <paramref name="limit"/> and <see cref="SamplingLimit"/>, over at least <paramref name="minimumCount"/> requests.</summary>
    internal bool Exceeds(double limit, int minimumCount) => Count >= minimumCount && Index >= Math.Max(limit, SamplingLimit);
}
