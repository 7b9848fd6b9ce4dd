using System.Globalization;
using RouteLLM;
using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace TrainBuiltInRouter;

/// <summary>Measures a router on rows it was not trained on and prints a table.</summary>
internal static class RouterReport
{
    private const string FaultySubject = "mmlu/high_school_mathematics";

    private static readonly (string Name, int From, int Below)[] s_lengthBands = [("under 60 characters", 0, 60), ("60 to 249", 60, 250), ("250 to 799", 250, 800), ("800 and more", 800, int.MaxValue)];

    public static void Print(HashedMatrixFactorizationRouter router, IEnumerable<EvaluationRow> rows, TextWriter output)
    {
        Scored[] scored = [.. rows.Where(static row => row.Split == "eval").Select(row => new Scored(row, router.PredictWinProbability(row.Prompt)))];
        output.WriteLine($"{"benchmark",-34} {"prompts",7}   {"APGR",-13} {"CPT50",6} {"CPT80",6}");
        PrintBenchmark("MMLU* (without faulty subject)", scored, static row => row.Source.StartsWith("mmlu/", StringComparison.Ordinal) && row.Source != FaultySubject, output);
        PrintBenchmark("MMLU", scored, static row => row.Source.StartsWith("mmlu/", StringComparison.Ordinal), output);
        PrintBenchmark("GSM8K", scored, static row => row.Source.StartsWith("gsm8k", StringComparison.Ordinal), output);
        PrintBenchmark("MT-Bench", scored, static row => row.Source.StartsWith("mt", StringComparison.Ordinal), output);
        output.WriteLine();

        Scored[] chat = [.. scored.Where(static s => s.Row.StrongProbability is not null)];
        output.WriteLine($"{"rated prompts",-34} {"prompts",7}   {"Spearman rho",-13} {"ECE",6}");
        PrintChat("all", chat, output);
        foreach ((string name, int from, int below) in s_lengthBands)
        {
            PrintChat(name, [.. chat.Where(s => s.Row.Prompt.Length >= from && s.Row.Prompt.Length < below)], output);
        }

        foreach (IGrouping<string?, Scored> language in chat.GroupBy(static s => s.Row.Language).Where(static g => g.Count() >= 15).OrderByDescending(static g => g.Count()))
        {
            PrintChat($"language {language.Key}", [.. language], output);
        }

        if (router.GetService<ScoreQuantiles>() is { } quantiles && chat.Length > 0)
        {
            output.WriteLine();
            output.WriteLine($"{"wanted strong share",-34} {"threshold",9} {"share of rated prompts",23}");
            foreach (double share in new[] { 0.1, 0.2, 0.3, 0.5, 0.7 })
            {
                double threshold = quantiles.ThresholdForStrongShare(share);
                double reached = chat.Average(s => s.WinProbability >= threshold ? 1.0 : 0);
                output.WriteLine(Invariant($"{share,-34:0.00} {threshold,9:0.000} {reached,23:0.000}"));
            }
        }
    }

    private static void PrintBenchmark(string name, Scored[] all, Func<EvaluationRow, bool> belongs, TextWriter output)
    {
        Scored[] rows = [.. all.Where(s => belongs(s.Row))];
        if (rows.Length == 0)
        {
            return;
        }

        CostQualityCurve curve = Curve(rows);
        var interval = BootstrapInterval.Create(rows.Length, indices => Curve([.. indices.Select(i => rows[i])]).Apgr);
        output.WriteLine(Invariant($"{name,-34} {rows.Length,7}   {curve.Apgr:0.000} +- {interval.HalfWidth:0.000} {curve.StrongShareFor(0.5),6:0.000} {curve.StrongShareFor(0.8),6:0.000}"));
    }

    private static void PrintChat(string name, Scored[] rows, TextWriter output)
    {
        if (rows.Length < 2)
        {
            return;
        }

        var interval = BootstrapInterval.Create(rows.Length, indices => Rho([.. indices.Select(i => rows[i])]));
        double error = CalibrationError.Expected([.. rows.Select(static s => s.WinProbability)], [.. rows.Select(static s => s.Row.StrongProbability!.Value)]);
        output.WriteLine(Invariant($"{name,-34} {rows.Length,7}   {Rho(rows):0.000} +- {interval.HalfWidth:0.000} {error,6:0.000}"));
    }

    private static CostQualityCurve Curve(Scored[] rows) => CostQualityCurve.Create(
        [.. rows.Select(static s => s.WinProbability)],
        [.. rows.Select(static s => s.Row.Scores[BuiltInRouterRecipe.StrongModel])],
        [.. rows.Select(static s => s.Row.Scores[BuiltInRouterRecipe.WeakModel])]);

    private static double Rho(Scored[] rows) =>
        RankCorrelation.Spearman([.. rows.Select(static s => s.WinProbability)], [.. rows.Select(static s => s.Row.StrongProbability!.Value)]);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Scored(EvaluationRow Row, double WinProbability);
}
