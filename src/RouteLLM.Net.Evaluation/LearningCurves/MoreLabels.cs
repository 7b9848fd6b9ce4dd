namespace RouteLLM.Evaluation;

/// <summary>Whether more labels would pay: whether twice as many are expected to gain at least <see cref="LearningCurveOptions.MinimumGain"/>.</summary>
public enum MoreLabels
{
    /// <summary>The interval of the expected gain lies on both sides of the minimum: the repetitions disagree too much to tell.</summary>
    Unclear,

    /// <summary>They would: all of the interval of the expected gain is at or above the minimum.</summary>
    Pay,

    /// <summary>They would not: all of the interval of the expected gain is below the minimum.</summary>
    DoNotPay,
}
