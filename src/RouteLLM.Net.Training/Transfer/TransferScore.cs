using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>How a router does on the rows of a source.</summary>
public sealed record TransferScore
{
    /// <summary>Gets what is measured.</summary>
    public required TransferMeasure Measure { get; init; }

    /// <summary>Gets its value; NaN where it is not defined, as APGR is not where both models are equally good.</summary>
    public required double Value { get; init; }

    /// <summary>Gets the bootstrap interval of <see cref="Value"/> over the rows. That another draw of training rows would give another router is not in it.</summary>
    public required BootstrapInterval Interval { get; init; }

    /// <summary>Gets a value indicating whether less is better: APGR where the strong model is the worse one.</summary>
    public bool LessIsBetter { get; init; }

    /// <summary>Gets how far win probabilities are from what happened (expected calibration error). A router may order the prompts of a foreign source well and yet be off by this much there.</summary>
    public required double CalibrationError { get; init; }

    /// <summary>Gets how many rows the router was trained on; of several routers, each measured on a part, the mean.</summary>
    public required double TrainingRows { get; init; }

    /// <summary>Gets what a random router has: 0.5 for APGR, 0 for a rank correlation.</summary>
    public double Random => Measure == TransferMeasure.Apgr ? 0.5 : 0;

    /// <summary>Gets a value indicating whether the value is worse than a random router's, be it by chance; see <see cref="Verdict"/>.</summary>
    public bool IsBelowRandom => LessIsBetter ? Value > Random : Value < Random;

    /// <summary>Gets whether the router is better or worse than a random one beyond chance.</summary>
    public TransferVerdict Verdict =>
        Interval.Low > Random ? (LessIsBetter ? TransferVerdict.WorseThanRandom : TransferVerdict.BetterThanRandom)
        : Interval.High < Random ? (LessIsBetter ? TransferVerdict.BetterThanRandom : TransferVerdict.WorseThanRandom)
        : TransferVerdict.Unclear;
}
