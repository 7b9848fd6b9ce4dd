namespace RouteLLM.Training;

/// <summary>A fitted adaptation: logit = scale * original logit + offset + corrections . features.</summary>
/// <param name="Calibration">The scale and the offset.</param>
/// <param name="Corrections">A correction for each column of the features; empty if there is none.</param>
internal sealed record AdaptationFit(double[] Calibration, float[] Corrections)
{
    public double Scale => Calibration[0];

    public double Offset => Calibration[1];

    /// <summary>Works a slope and an intercept over the logit into it.</summary>
    public AdaptationFit Calibrated(double slope, double intercept) =>
        new([slope * Scale, (slope * Offset) + intercept], [.. Corrections.Select(correction => (float)(slope * correction))]);
}
