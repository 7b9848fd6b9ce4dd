namespace RouteLLM;

/// <summary>What the linear function of a <see cref="LinearModel"/> predicts.</summary>
public enum LinearLink
{
    /// <summary>The logit of the strong model's win probability, for one pair of models.</summary>
    WinProbability,

    /// <summary>The quality of each model's answer itself, cut off at 0 and 1: ridge regression.</summary>
    Quality,

    /// <summary>The logit of the quality of each model's answer: logistic regression.</summary>
    QualityLogit,
}
