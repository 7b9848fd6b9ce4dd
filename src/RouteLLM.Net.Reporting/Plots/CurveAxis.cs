namespace RouteLLM.Reporting;

/// <summary>What runs along the horizontal axis of a cost-quality curve.</summary>
public enum CurveAxis
{
    /// <summary>The mean cost of an answer where all evaluations know it, else the strong share.</summary>
    CostIfKnown,

    /// <summary>The share of prompts sent to the strong model.</summary>
    StrongShare,
}
