namespace RouteLLM;

/// <summary>Settings of similarity-weighted ranking.</summary>
public sealed class SimilarityWeightedOptions
{
    /// <summary>The most tiers.</summary>
    internal const int MaxTiers = 256;

    /// <summary>Gets or sets how to predict; <see cref="SimilarityWeightedMethod.BradleyTerry"/> by default.</summary>
    public SimilarityWeightedMethod Method { get; set; }

    /// <summary>
    /// Gets or sets into how many tiers the models are grouped by their ratings over all battles, 1 to 256; 10 by default, as RouteLLM has it. Two models of one tier cannot be told
    /// apart. An index of scores has no tiers.
    /// </summary>
    public int TierCount { get; set; } = 10;

    /// <summary>
    /// Gets or sets a value indicating whether battles within one tier count in a Bradley-Terry fit, as they do in RouteLLM; they do by default. There such a battle becomes one of the tier
    /// against a rating of 1000, won as if it were model_b: a regulariser that draws tiers towards 1000 and otherwise says nothing. Without them win probabilities change by
    /// some thousandths at ten tiers, by some hundredths at four.
    /// </summary>
    public bool IncludeBattlesWithinTier { get; set; } = true;

    internal static SimilarityWeightedOptions Checked(SimilarityWeightedOptions? options)
    {
        options ??= new SimilarityWeightedOptions();
        if (options.TierCount is < 1 or > MaxTiers)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.TierCount, $"The number of tiers is 1 to {MaxTiers}.");
        }

        return Enum.IsDefined(options.Method) ? options : throw new ArgumentOutOfRangeException(nameof(options), options.Method, "There is no such method.");
    }
}
