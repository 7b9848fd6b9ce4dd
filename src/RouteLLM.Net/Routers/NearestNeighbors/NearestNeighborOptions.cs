namespace RouteLLM;

/// <summary>Settings of nearest-neighbour routing.</summary>
public sealed class NearestNeighborOptions
{
    /// <summary>Gets or sets how many neighbours are asked, at least 1; 40 by default. Fewer follow a prompt more closely, more are less noisy.</summary>
    public int Neighbors { get; set; } = 40;

    /// <summary>
    /// Gets or sets the temperature T at which a neighbour weighs exp(similarity / T), greater than 0; <see langword="null"/>, the default, lets all weigh the same.
    /// </summary>
    public double? Temperature { get; set; }

    /// <summary>
    /// Gets or sets into how many tiers models are grouped by their ratings, so that battles of models as strong as the two count for them; <see langword="null"/>, the default, asks battles
    /// of the two themselves only. Group them where battles of the pair are few. Not for an index of scores.
    /// </summary>
    public int? TierCount { get; set; }

    internal static NearestNeighborOptions Checked(NearestNeighborOptions? options)
    {
        options ??= new NearestNeighborOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Neighbors, 1);
        if (options.Temperature is not (null or (> 0 and < double.PositiveInfinity)))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Temperature, "The temperature is greater than 0 and finite, or null for equal weights.");
        }

        return options.TierCount is null or (>= 1 and <= SimilarityWeightedOptions.MaxTiers)
            ? options
            : throw new ArgumentOutOfRangeException(nameof(options), options.TierCount, $"The number of tiers is 1 to {SimilarityWeightedOptions.MaxTiers}, or null for none.");
    }
}
