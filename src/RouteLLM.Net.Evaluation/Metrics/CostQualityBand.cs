namespace RouteLLM.Evaluation;

/// <summary>Between which values the quality lies at every strong share: the bootstrap intervals around a <see cref="CostQualityCurve"/>, for pictures.</summary>
/// <remarks>Each interval holds for its strong share alone; that the whole curve lies inside the band is less likely.</remarks>
public sealed class CostQualityBand
{
    private CostQualityBand(double[] strongShares, BootstrapInterval[] qualities) => (StrongShares, Qualities) = (strongShares, qualities);

    /// <summary>Gets the strong shares, evenly spaced from 0 to 1.</summary>
    public IReadOnlyList<double> StrongShares { get; }

    /// <summary>Gets the interval of the quality at each of the <see cref="StrongShares"/>, in the same order.</summary>
    public IReadOnlyList<BootstrapInterval> Qualities { get; }

    /// <summary>Computes the intervals.</summary>
    /// <param name="slice">The rows, some of them with scores.</param>
    /// <param name="points">At how many strong shares, at least 2; 51 by default.</param>
    /// <param name="options">How to resample; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <returns>The band.</returns>
    /// <exception cref="EvaluationException">No row of the slice has scores.</exception>
    public static CostQualityBand Create(EvaluationSlice slice, int points = 51, BootstrapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(slice);
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        options ??= new();
        SweepStatistic sweep = slice.SweepStatistic ?? throw new EvaluationException($"No row of the slice \"{slice.Name}\" has scores of both models, so there is no quality to draw a band around.");
        double[][] values = Resampler.Run(slice.ScoredRows, points, options, sweep.Qualities, cancellationToken);
        return new CostQualityBand(
            [.. Enumerable.Range(0, points).Select(i => (double)i / (points - 1))],
            Array.ConvertAll(values, resampled => BootstrapInterval.FromValues(resampled, options.Confidence)));
    }
}
