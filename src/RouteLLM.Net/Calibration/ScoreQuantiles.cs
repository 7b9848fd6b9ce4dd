namespace RouteLLM;

/// <summary>The distribution of a router's scores over some traffic, as quantiles; turns a wanted strong share into a threshold.</summary>
/// <remarks>
/// Quantiles interpolate linearly between order statistics, the rule RouteLLM calibrates with (<c>pandas.Series.quantile</c>).
/// </remarks>
public sealed class ScoreQuantiles
{
    private readonly double[] _quantiles;

    /// <summary>Initializes a new instance of the <see cref="ScoreQuantiles"/> class from evenly spaced quantiles.</summary>
    /// <param name="quantiles">The quantiles 0, 1/(n-1), ..., 1: n finite values in ascending order, n at least 2.</param>
    /// <exception cref="ArgumentException">There are fewer than two values, or they are not finite and ascending.</exception>
    public ScoreQuantiles(IEnumerable<double> quantiles)
    {
        ArgumentNullException.ThrowIfNull(quantiles);
        _quantiles = [.. quantiles];
        if (_quantiles.Length < 2)
        {
            throw new ArgumentException($"At least two quantiles are needed, the minimum and the maximum; got {_quantiles.Length}.", nameof(quantiles));
        }

        for (int i = 0; i < _quantiles.Length; i++)
        {
            if (!double.IsFinite(_quantiles[i]) || (i > 0 && _quantiles[i] < _quantiles[i - 1]))
            {
                throw new ArgumentException($"Quantiles must be finite and ascending; number {i} is {_quantiles[i]}.", nameof(quantiles));
            }
        }
    }

    /// <summary>Gets the quantiles, evenly spaced from the minimum to the maximum.</summary>
    public IReadOnlyList<double> Values => _quantiles;

    /// <summary>Takes the quantiles of a sample of scores.</summary>
    /// <param name="scores">The scores, in any order; NaN is skipped.</param>
    /// <param name="count">How many quantiles to keep, at least 2. The default of 1,001 resolves a tenth of a percent.</param>
    /// <returns>The quantiles.</returns>
    /// <exception cref="ArgumentException">There are no scores.</exception>
    public static ScoreQuantiles FromScores(IEnumerable<double> scores, int count = 1001)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        double[] sorted = [.. scores.Where(static score => !double.IsNaN(score))];
        if (sorted.Length == 0)
        {
            throw new ArgumentException("There are no scores to take quantiles of.", nameof(scores));
        }

        Array.Sort(sorted);
        return new ScoreQuantiles(Enumerable.Range(0, count).Select(i => Quantile(sorted, (double)i / (count - 1))));
    }

    /// <summary>Gives the threshold at which about the wanted share of such traffic goes to the strong model.</summary>
    /// <param name="strongShare">The share, in [0, 1].</param>
    /// <returns>
    /// The threshold: the (1 - share) quantile. A share of 1 gives 0, so that every request is strong, and a share of 0 positive infinity, so that none is.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="strongShare"/> is not in [0, 1].</exception>
    public double ThresholdForStrongShare(double strongShare)
    {
        if (strongShare is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(strongShare), strongShare, "A strong share lies in [0, 1].");
        }

        return strongShare switch
        {
            0 => double.PositiveInfinity,
            1 => 0,
            _ => Quantile(_quantiles, 1 - strongShare),
        };
    }

    /// <summary>Gives the value below which the share <paramref name="q"/> of sorted values lies.</summary>
    internal static double Quantile(ReadOnlySpan<double> sorted, double q)
    {
        // The order of these operations is NumPy's, so that results agree with RouteLLM's to the last bit.
        double position = (sorted.Length - 1) * (q * 100 / 100);
        int low = Math.Min((int)position, sorted.Length - 1);
        int high = Math.Min(low + 1, sorted.Length - 1);
        double fraction = position - low;
        double difference = sorted[high] - sorted[low];
        return fraction >= 0.5 ? sorted[high] - (difference * (1 - fraction)) : sorted[low] + (difference * fraction);
    }
}
