namespace RouteLLM.Training;

/// <summary>How strongly an adaptation is drawn to the router it starts from.</summary>
/// <param name="Calibration">What the penalties on scales and offsets are multiplied by; positive infinity keeps them.</param>
/// <param name="Features">The ridge on the features' corrections; positive infinity allows none.</param>
internal readonly record struct AdaptationPenalty(double Calibration, double Features)
{
    /// <summary>Gets the penalty under which nothing changes.</summary>
    public static AdaptationPenalty KeepOriginal { get; } = new(double.PositiveInfinity, double.PositiveInfinity);
}
