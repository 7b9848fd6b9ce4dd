namespace RouteLLM.Evaluation;

/// <summary>Compares two statistics of the same items by drawing the items again for both at once, so that what both find hard or easy cancels out.</summary>
public static class PairedBootstrap
{
    /// <summary>Compares two statistics.</summary>
    /// <param name="count">How many items both are computed over, at least 1.</param>
    /// <param name="first">Computes the first statistic, given how often each of the <paramref name="count"/> items was drawn; may be called from several threads at once. NaN leaves a resample out.</param>
    /// <param name="second">Computes the second statistic likewise.</param>
    /// <param name="options">How to resample; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <returns>Both statistics on the items as they are, the interval of their difference, and the p-value of there being none.</returns>
    public static PairedDifference Compare(
        int count, Func<ReadOnlySpan<int>, double> first, Func<ReadOnlySpan<int>, double> second, BootstrapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        options ??= new();
        double[][] values = Resampler.Run(count, 2, options, (counts, row) => (row[0], row[1]) = (first(counts), second(counts)), cancellationToken);
        var once = new int[count];
        Array.Fill(once, 1);
        return PairedDifference.Create(first(once), second(once), values[0], values[1], options.Confidence);
    }
}
