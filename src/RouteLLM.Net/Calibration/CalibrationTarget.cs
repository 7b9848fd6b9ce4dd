namespace RouteLLM;

/// <summary>What a threshold is calibrated to: a strong share, a cost or a quality. Made by the static methods.</summary>
public sealed record CalibrationTarget
{
    /// <summary>Gets what kind of target it is.</summary>
    public required CalibrationTargetKind Kind { get; init; }

    /// <summary>Gets the wanted strong share, in [0, 1]; <see langword="null"/> for other kinds.</summary>
    public double? StrongShare { get; init; }

    /// <summary>Gets the most that a thousand requests may cost, in USD; <see langword="null"/> for other kinds.</summary>
    public double? UsdPerThousand { get; init; }

    /// <summary>Gets the monthly budget in USD that <see cref="UsdPerThousand"/> comes from, or <see langword="null"/>.</summary>
    public double? MonthlyBudget { get; init; }

    /// <summary>Gets the expected requests a month, or <see langword="null"/>.</summary>
    public double? MonthlyRequests { get; init; }

    /// <summary>Gets the part of the strong model's mean score that is to be kept, in (0, 1]; <see langword="null"/> for other kinds.</summary>
    public double? Quality { get; init; }

    /// <summary>Gets the probability, over the draw of the rows, with which <see cref="Quality"/> is kept, in (0, 1); <see langword="null"/> for other kinds.</summary>
    public double? Confidence { get; init; }

    /// <summary>Makes the target of a strong share.</summary>
    /// <param name="strongShare">The share, in [0, 1].</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is not in [0, 1].</exception>
    public static CalibrationTarget ForStrongShare(double strongShare) =>
        new() { Kind = CalibrationTargetKind.StrongShare, StrongShare = strongShare is >= 0 and <= 1 ? strongShare : throw Wrong(nameof(strongShare), strongShare, "A strong share lies in [0, 1]; 30% is 0.3.") };

    /// <summary>Makes the target of a price per thousand requests.</summary>
    /// <param name="usd">The most that a thousand requests may cost on average, in USD.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The price is negative or not finite.</exception>
    public static CalibrationTarget ForUsdPerThousand(double usd) => new() { Kind = CalibrationTargetKind.Cost, UsdPerThousand = Amount(usd, nameof(usd)) };

    /// <summary>Makes the target of a monthly budget.</summary>
    /// <param name="usd">The budget, in USD a month.</param>
    /// <param name="requests">The expected requests a month, more than 0.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The budget is negative or not finite, or the requests are not a positive number.</exception>
    public static CalibrationTarget ForMonthlyBudget(double usd, double requests)
    {
        if (!(requests > 0) || !double.IsFinite(requests))
        {
            throw Wrong(nameof(requests), requests, "A positive number of requests a month is expected.");
        }

        return ForUsdPerThousand(Amount(usd, nameof(usd)) / requests * 1000) with { MonthlyBudget = usd, MonthlyRequests = requests };
    }

    /// <summary>Makes the target of a quality that is kept with a confidence.</summary>
    /// <param name="quality">The part of the strong model's mean score to keep, in (0, 1]; 0.95 is "at least 95% of the quality".</param>
    /// <param name="confidence">The probability, over the draw of the labelled rows, that the promise holds, in (0, 1).</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static CalibrationTarget ForQuality(double quality, double confidence = 0.95) => new()
    {
        Kind = CalibrationTargetKind.Quality,
        Quality = quality is > 0 and <= 1 ? quality : throw Wrong(nameof(quality), quality, "A part in (0, 1] is expected; 95% of the strong model's quality is 0.95."),
        Confidence = confidence is > 0 and < 1 ? confidence : throw Wrong(nameof(confidence), confidence, "A confidence lies between 0 and 1, both excluded; 95% is 0.95."),
    };

    /// <summary>Says the target in words.</summary>
    /// <returns>Such as <c>keep at least 95% of the strong model's quality, with 95% confidence</c>.</returns>
    public override string ToString() => Kind switch
    {
        CalibrationTargetKind.StrongShare => FormattableString.Invariant($"a strong share of {StrongShare * 100:0.##}%"),
        CalibrationTargetKind.Cost when MonthlyBudget is not null => FormattableString.Invariant($"at most ${MonthlyBudget:0.##} for {MonthlyRequests:#,0} requests a month"),
        CalibrationTargetKind.Cost => FormattableString.Invariant($"at most ${UsdPerThousand:0.######} per 1,000 requests"),
        _ => FormattableString.Invariant($"keep at least {Quality * 100:0.##}% of the strong model's quality, with {Confidence * 100:0.##}% confidence"),
    };

    /// <summary>Makes sure that the target has what its kind needs, as those of the static methods have.</summary>
    /// <exception cref="ArgumentException">It has not.</exception>
    public void Validate()
    {
        if (FindError() is { } error)
        {
            throw new ArgumentException($"The calibration cannot be made: {error}.");
        }
    }

    /// <summary>Says what is wrong with a target that was not made by the static methods, or <see langword="null"/>.</summary>
    internal string? FindError() => Kind switch
    {
        CalibrationTargetKind.StrongShare => StrongShare is >= 0 and <= 1 ? null : "its target needs a strong_share in [0, 1]",
        CalibrationTargetKind.Cost => UsdPerThousand >= 0 && double.IsFinite(UsdPerThousand.Value) ? null : "its target needs a usd_per_thousand of at least 0",
        CalibrationTargetKind.Quality => Quality is > 0 and <= 1 && Confidence is > 0 and < 1 ? null : "its target needs a quality in (0, 1] and a confidence in (0, 1)",
        _ => "the kind of its target is not known",
    };

    private static double Amount(double usd, string name) => usd >= 0 && double.IsFinite(usd) ? usd : throw Wrong(name, usd, "An amount of USD, at least 0, is expected.");

    private static ArgumentOutOfRangeException Wrong(string name, double value, string message) => new(name, value, message);
}
