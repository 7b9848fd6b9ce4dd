namespace RouteLLM.Evaluation;

/// <summary>What RouteLLM's <c>evaluate</c> reports of a router on a benchmark; made by <see cref="RouteLlmMetrics"/>.</summary>
/// <param name="WeakAccuracy">The weak model's quality, in the benchmark's unit.</param>
/// <param name="StrongAccuracy">The strong model's quality, in the benchmark's unit.</param>
/// <param name="Points">The points of the sweep, by rising strong percentage.</param>
/// <param name="Cpt20">The strong percentage at which 20% of the gap is recovered, as RouteLLM interpolates it.</param>
/// <param name="Cpt50">The same for 50%.</param>
/// <param name="Cpt80">The same for 80%.</param>
/// <param name="Auc">The area under the accuracy over the strong share.</param>
/// <param name="Apgr">The average performance gap recovered; NaN or infinite when both models are equally good or there is one point only.</param>
public sealed record RouteLlmResult(
    double WeakAccuracy, double StrongAccuracy, IReadOnlyList<RouteLlmPoint> Points, double Cpt20, double Cpt50, double Cpt80, double Auc, double Apgr);
