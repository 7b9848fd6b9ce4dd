namespace RouteLLM.Evaluation;

/// <summary>The distance between the qualities of the weak and the strong model, and what is to be recovered of it.</summary>
internal static class PerformanceGap
{
    // Sums of the same scores in another order differ in the last digits; a gap of that size is none.
    private const double RoundingError = 1e-12;

    /// <summary>Says whether two qualities are equal up to rounding.</summary>
    public static bool IsZero(double weak, double strong) => Math.Abs(strong - weak) <= RoundingError * (Math.Abs(weak) + Math.Abs(strong));

    /// <summary>Gives the quality at which a part of the gap is recovered; that of the weak model where the gap is not positive.</summary>
    public static double Wanted(double weak, double strong, double gapRecovered) =>
        strong <= weak || IsZero(weak, strong) ? weak : weak + (gapRecovered * (strong - weak));

    /// <summary>Finds where a line reaches a quality; NaN if it does not. A corner that reaches it but for rounding does.</summary>
    /// <param name="before">The quality at the line's beginning, where it is not reached.</param>
    /// <param name="after">The quality at its end.</param>
    /// <param name="wanted">The quality wanted.</param>
    /// <returns>Which part of the line is gone by then, in [0, 1].</returns>
    public static double Crossing(double before, double after, double wanted) =>
        after >= wanted ? (wanted - before) / (after - before) : IsZero(after, wanted) ? 1 : double.NaN;
}
