using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>How good the built-in router's recipe is on a part of the training rows: in its domain, and where that part is unknown to it.</summary>
/// <param name="Name">The part: a source, an author of rated prompts, or a category.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Metric">What is measured: the rank correlation with the rating, or APGR of the pair of models named.</param>
/// <param name="Random">What a random router has in that metric: 0 or 0.5.</param>
/// <param name="InDomain">The metric where rows are held out by fives, one fold after the other, and the rest of the part is trained on.</param>
/// <param name="LeftOut">The metric where nothing of the part is trained on.</param>
/// <param name="LeftOutInterval">The 95% bootstrap interval of <paramref name="LeftOut"/>.</param>
public sealed record SourceStudy(string Name, int Rows, string Metric, double Random, double InDomain, double LeftOut, BootstrapInterval LeftOutInterval)
{
    /// <summary>Gets whether the router is worse than a random one on a part it does not know: a defect.</summary>
    public bool IsBelowRandom => LeftOut < Random;
}
