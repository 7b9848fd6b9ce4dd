namespace RouteLLM;

/// <summary>What a threshold does on the data that was calibrated on. What the data do not say is <see langword="null"/>.</summary>
/// <param name="Threshold">The threshold: strong when the win probability is at least that. Positive infinity sends nothing to the strong model.</param>
/// <param name="StrongShare">The share of requests that go to the strong model, in [0, 1].</param>
/// <param name="QualityKept">The mean score as a part of the strong model's: an estimate, not a promise.</param>
/// <param name="Saving">The part of the cost of the strong model alone that is saved.</param>
/// <param name="UsdPerThousand">The cost of a thousand requests in USD.</param>
public sealed record CalibrationPoint(double Threshold, double StrongShare, double? QualityKept = null, double? Saving = null, double? UsdPerThousand = null);
