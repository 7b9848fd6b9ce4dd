namespace RouteLLM.Evaluation;

/// <summary>What a <see cref="RoutingQualityGate"/> asks about. Of some more is better, and a bound is the least that will do; of others less, and it is the most.</summary>
public enum GateMetric
{
    /// <summary>The average performance gap recovered; at least. In text <c>apgr</c>.</summary>
    Apgr,

    /// <summary>The strong share that recovers 50% of the performance gap; at most. In text <c>cpt50</c>.</summary>
    Cpt50,

    /// <summary>The strong share that recovers 80% of the performance gap; at most. In text <c>cpt80</c>.</summary>
    Cpt80,

    /// <summary>The mean score at the operating point, on the scale of the scores; at least. In text <c>quality</c>.</summary>
    Quality,

    /// <summary>The quality at the operating point as a part of the strong model's; at least. In text <c>retained</c>.</summary>
    QualityRetained,

    /// <summary>The performance gap recovered at the operating point; at least. In text <c>gap</c>.</summary>
    GapRecovered,

    /// <summary>The share of prompts sent to the model that scored best; at least. In text <c>best</c>.</summary>
    BestModelShare,

    /// <summary>The strong share at the operating point; at most. In text <c>share</c>.</summary>
    StrongShare,

    /// <summary>The cost at the operating point as a part of what the strong model alone costs; at most. In text <c>cost</c>.</summary>
    Cost,

    /// <summary>The mean cost of an answer in USD at the operating point; at most. In text <c>usd</c>.</summary>
    CostUsd,

    /// <summary>The rank correlation of win probabilities and ratings; at least. In text <c>rho</c>.</summary>
    RankCorrelation,

    /// <summary>The expected calibration error; at most. In text <c>ece</c>.</summary>
    CalibrationError,
}
