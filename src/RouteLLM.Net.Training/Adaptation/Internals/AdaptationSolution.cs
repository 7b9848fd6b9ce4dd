namespace RouteLLM.Training;

/// <summary>What adapting to some rows gave.</summary>
/// <param name="Penalty">The penalty that was chosen.</param>
/// <param name="Fit">The fit to all of the rows, calibrated.</param>
/// <param name="HeldOut">The calibrated logit of each row by fits without its group, with the chosen penalty.</param>
internal sealed record AdaptationSolution(AdaptationPenalty Penalty, AdaptationFit Fit, double[] HeldOut)
{
    public bool KeepsOriginal => Penalty == AdaptationPenalty.KeepOriginal;
}
