namespace RouteLLM.Evaluation;

/// <summary>What two routers are compared by.</summary>
public enum RouterMetric
{
    /// <summary>The average performance gap recovered.</summary>
    Apgr,

    /// <summary>The area under the quality over the strong share.</summary>
    Auc,

    /// <summary>The strong share that recovers 20% of the performance gap; less is better.</summary>
    Cpt20,

    /// <summary>The strong share that recovers 50% of the performance gap; less is better.</summary>
    Cpt50,

    /// <summary>The strong share that recovers 80% of the performance gap; less is better.</summary>
    Cpt80,

    /// <summary>The mean score at each router's operating point.</summary>
    Quality,

    /// <summary>The mean cost in USD at each router's operating point; less is better. NaN where costs are not known.</summary>
    Cost,
}
