namespace RouteLLM.Training;

/// <summary>Options of a <see cref="PointwiseJudgeScorer"/>; read once, when the scorer is made.</summary>
public sealed class PointwiseJudgeScorerOptions : JudgeScorerOptions
{
    /// <summary>Gets or sets the judge's number for the worst answer, which scores 0; 1 by default.</summary>
    public double Lowest { get; set; } = 1;

    /// <summary>Gets or sets the judge's number for the best answer, which scores 1; 10 by default.</summary>
    public double Highest { get; set; } = 10;

    internal override void Validate()
    {
        base.Validate();
        if (!double.IsFinite(Lowest) || !double.IsFinite(Highest) || Lowest >= Highest)
        {
            throw new ArgumentException($"The scale runs from {Lowest} to {Highest}; expected two finite numbers, the lower one first.");
        }
    }
}
