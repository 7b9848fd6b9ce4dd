namespace RouteLLM.Evaluation.Tests;

/// <summary>An evaluation whose numbers are known: of 40 rows the strong model wins every fourth, and ties the others.</summary>
internal static class GatedEvaluation
{
    public static Task<RouterEvaluation> CreateAsync(bool isGood = true, bool hasCosts = true, double strongShare = 0.25, int rows = 40, string strong = "big") => RouterEvaluator.EvaluateAsync(
        new DelegateRouter(prompt => Score(int.Parse(prompt, System.Globalization.CultureInfo.InvariantCulture), isGood)),
        Enumerable.Range(0, rows).Select(i => new EvaluationRow
        {
            Id = $"{i}",
            Source = i % 2 == 0 ? "b" : "a",
            Prompt = $"{i}",
            Scores = new Dictionary<string, double> { [strong] = 1, ["small"] = i % 4 == 0 ? 0 : 1 },
            Costs = hasCosts ? new Dictionary<string, double> { [strong] = 0.02, ["small"] = 0.01 } : new Dictionary<string, double>(),
        }),
        new EvaluationOptions { StrongModel = strong, WeakModel = "small", StrongShare = strongShare, Bootstrap = new() { Resamples = 50 } });

    // The good router puts the wins first; the other one half of them.
    private static double Score(int i, bool isGood) => ((isGood ? i % 4 == 0 : i % 8 == 0) ? 0.6 : 0.1) + (i / 1000.0);
}
