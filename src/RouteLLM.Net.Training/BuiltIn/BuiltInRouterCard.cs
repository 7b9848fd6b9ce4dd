using System.Globalization;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Writes the model card of the built-in router (Mitchell et al., "Model Cards for Model Reporting", 2019): what it was made from, how good it is and where, and what it is weak at. Every number is measured as it is written.</summary>
public static class BuiltInRouterCard
{
    private const string EvaluationSplit = "eval";
    private const string FaultySubject = "mmlu/high_school_mathematics";
    private const int SmallestSlice = 15;

    private static readonly (string Name, int From, int Below)[] s_lengthBands =
        [("under 60 characters", 0, 60), ("60 to 249", 60, 250), ("250 to 799", 250, 800), ("800 and more", 800, int.MaxValue)];

    /// <summary>Writes the card as Markdown.</summary>
    /// <param name="output">Receives the text.</param>
    /// <param name="model">The model.</param>
    /// <param name="rows">The recipe's rows, of which those of the split <c>eval</c> are measured.</param>
    /// <param name="unseen">Rated rows of an author that no row of the recipe is from; none to leave that table out.</param>
    /// <param name="sources">What is left where a source is left out, or none to leave the table out.</param>
    /// <param name="categories">What is left where a category is left out, or none to leave the table out.</param>
    public static void Write(
        TextWriter output, HashedMatrixFactorizationModel model, IEnumerable<EvaluationRow> rows, IEnumerable<EvaluationRow> unseen, IReadOnlyList<SourceStudy> sources, IReadOnlyList<SourceStudy> categories)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(unseen);
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(categories);
        HashedMatrixFactorizationRouter router = model.ForDefaultPair();
        Scored[] held = [.. rows.Where(static row => row.Split == EvaluationSplit).Select(row => new Scored(row, router.PredictWinProbability(row.Prompt)))];
        Scored[] rated = [.. held.Where(static s => s.Row.StrongProbability is not null)];

        WriteModel(output, model);
        WriteBenchmarks(output, held);
        WriteRated(output, rated, [.. unseen.Select(row => new Scored(row, router.PredictWinProbability(row.Prompt)))]);
        WriteLeftOut(output, "Sources and authors left out", "source", sources);
        WriteLeftOut(output, "Categories of rated prompts left out", "category", categories);
        WriteShares(output, router, rated);
        WriteWeaknesses(output, rated, [.. sources, .. categories]);
    }

    private static void WriteModel(TextWriter output, HashedMatrixFactorizationModel model)
    {
        output.WriteLine("# The built-in router");
        output.WriteLine();
        output.WriteLine("Predicts from a prompt's text alone how likely a strong model's answer is clearly better than a weaker one's (a tie is not a win). Written by the command at the end; every number is measured.");
        output.WriteLine();
        output.WriteLine($"- **Model**: two experts, for traffic and for benchmarks, and a gate between them, over hashed text features (`HashedMatrixFactorizationModel`): {model.Models.Count} models, {model.Dimensions} dimensions.");
        output.WriteLine($"- **Default pair**: {model.StrongModel} against {model.WeakModel}. On traffic, \"strong\" and \"weak\" stand for any large and any small model of the day.");
        output.WriteLine($"- **Fingerprint**: `{model.Fingerprint}`, licence {model.Metadata.GetValueOrDefault("license", "not stated")}.");
        output.WriteLine("- **For**: choosing between a large and a small chat model. **Not for**: judging people, grading answers, or moderating content.");
        output.WriteLine();
        output.WriteLine("## Data");
        output.WriteLine();
        foreach ((string key, string value) in model.Metadata.Where(static pair => pair.Key.StartsWith("data.", StringComparison.Ordinal)).OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"- `{key[5..]}`: {value}.");
        }

        output.WriteLine();
        output.WriteLine("Ratings of chat prompts are one language model's estimates by one rubric; no answers were compared. Prompts that benchmarks graded wrongly (most of MMLU's high-school mathematics) are not trained on.");
        output.WriteLine();
    }

    private static void WriteBenchmarks(TextWriter output, Scored[] held)
    {
        output.WriteLine("## On benchmarks it has seen the other half of");
        output.WriteLine();
        output.WriteLine("| benchmark | prompts | APGR, 95% | CPT50 | CPT80 | calibration error |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- |");
        WriteBenchmark(output, "MMLU* (without the subject with faulty grades)", [.. held.Where(static s => s.Row.Source.StartsWith("mmlu/", StringComparison.Ordinal) && s.Row.Source != FaultySubject)]);
        WriteBenchmark(output, "MMLU", [.. held.Where(static s => s.Row.Source.StartsWith("mmlu/", StringComparison.Ordinal))]);
        WriteBenchmark(output, "GSM8K", [.. held.Where(static s => s.Row.Source.StartsWith("gsm8k", StringComparison.Ordinal))]);
        WriteBenchmark(output, "MT-Bench (nothing of it seen)", [.. held.Where(static s => s.Row.Source.StartsWith("mt", StringComparison.Ordinal))]);
        output.WriteLine();
        output.WriteLine("A random router has an APGR of .5.");
        output.WriteLine();
    }

    private static void WriteBenchmark(TextWriter output, string name, Scored[] rows)
    {
        if (rows.Length == 0)
        {
            return;
        }

        CostQualityCurve curve = Curve(rows);
        var interval = BootstrapInterval.Create(rows.Length, indices => Curve([.. indices.Select(i => rows[i])]).Apgr);
        double error = CalibrationError.Expected([.. rows.Select(static s => s.WinProbability)], [.. rows.Select(static s => s.Row.Scores[BuiltInRouterRecipe.StrongModel] > s.Row.Scores[BuiltInRouterRecipe.WeakModel] ? 1.0 : 0)]);
        output.WriteLine(Invariant($"| {name} | {rows.Length} | {curve.Apgr:.000} ± {interval.HalfWidth:.000} | {curve.StrongShareFor(0.5):.000} | {curve.StrongShareFor(0.8):.000} | {error:.000} |"));
    }

    private static void WriteRated(TextWriter output, Scored[] rated, Scored[] unseen)
    {
        output.WriteLine("## On rated chat prompts held back");
        output.WriteLine();
        output.WriteLine("| prompts | number | rank correlation, 95% | calibration error |");
        output.WriteLine("| --- | --- | --- | --- |");
        WriteRated(output, "all", rated);
        WriteRated(output, "all of an author nothing was trained on", unseen);
        foreach ((string name, int from, int below) in s_lengthBands)
        {
            WriteRated(output, name, [.. rated.Where(s => s.Row.Prompt.Length >= from && s.Row.Prompt.Length < below)]);
        }

        foreach ((string name, Scored[] slice) in Slices(rated))
        {
            WriteRated(output, name, slice);
        }

        output.WriteLine();
    }

    private static void WriteRated(TextWriter output, string name, Scored[] rows)
    {
        if (rows.Length < SmallestSlice)
        {
            return;
        }

        var interval = BootstrapInterval.Create(rows.Length, indices => Rho([.. indices.Select(i => rows[i])]));
        double error = CalibrationError.Expected([.. rows.Select(static s => s.WinProbability)], [.. rows.Select(static s => s.Row.StrongProbability!.Value)]);
        output.WriteLine(Invariant($"| {name} | {rows.Length} | {Rho(rows):.000} ± {interval.HalfWidth:.000} | {error:.000} |"));
    }

    private static void WriteLeftOut(TextWriter output, string title, string part, IReadOnlyList<SourceStudy> studies)
    {
        if (studies.Count == 0)
        {
            return;
        }

        output.WriteLine($"## {title}");
        output.WriteLine();
        output.WriteLine($"Among the training rows: predicted by a model that was trained on the rest of the {part} (folds), and by one that was trained on nothing of it.");
        output.WriteLine();
        output.WriteLine($"| {part} | rows | metric | {part} known | {part} left out, 95% |");
        output.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (SourceStudy study in studies)
        {
            output.WriteLine(Invariant($"| {study.Name} | {study.Rows} | {study.Metric} | {study.InDomain:.000} | {study.LeftOut:.000} ± {study.LeftOutInterval.HalfWidth:.000}{(study.IsBelowRandom ? " **below random**" : "")} |"));
        }

        output.WriteLine();
    }

    private static void WriteShares(TextWriter output, HashedMatrixFactorizationRouter router, Scored[] rated)
    {
        if (router.GetService<ScoreQuantiles>() is not { } quantiles || rated.Length == 0)
        {
            return;
        }

        output.WriteLine("## Shares");
        output.WriteLine();
        output.WriteLine("| wanted strong share | threshold | share of the rated prompts held back |");
        output.WriteLine("| --- | --- | --- |");
        foreach (double share in new[] { 0.1, 0.2, 0.3, 0.5, 0.7 })
        {
            double threshold = quantiles.ThresholdForStrongShare(share);
            output.WriteLine(Invariant($"| {share:.00} | {threshold:.000} | {rated.Average(s => s.WinProbability >= threshold ? 1.0 : 0):.000} |"));
        }

        output.WriteLine();
    }

    private static void WriteWeaknesses(TextWriter output, Scored[] rated, IReadOnlyList<SourceStudy> studies)
    {
        output.WriteLine("## Known weaknesses");
        output.WriteLine();
        (string Name, Scored[] Rows)[] weakest = [.. Slices(rated).Where(static slice => slice.Rows.Length >= 2 * SmallestSlice).OrderBy(static slice => Rho(slice.Rows)).Take(3)];
        if (weakest.Length > 0)
        {
            output.WriteLine($"- Least good among what was measured: {string.Join(", ", weakest.Select(static slice => Invariant($"{slice.Name} ({Rho(slice.Rows):.00})")))}.");
        }

        foreach (IGrouping<string, SourceStudy> same in studies.GroupBy(static study => study.Metric.Split(',')[0]))
        {
            output.WriteLine(Invariant($"- Furthest from what it knows, by {same.Key}: {string.Join(", ", same.OrderBy(static study => study.LeftOut).Take(3).Select(static study => Invariant($"{study.Name} ({study.LeftOut:.00})")))}."));
        }

        if (studies.Where(static study => study.IsBelowRandom).Select(static study => study.Name).ToArray() is { Length: > 0 } below)
        {
            output.WriteLine($"- Below random where it was left out: {string.Join(", ", below)}. It is the default pair's score that is tried there on two small models (one to eight billion parameters): a hard question defeats both of them, and the larger one wins on the easier ones. For such a pair take `ForPair`, or train on rows of its own.");
        }

        output.WriteLine("- It reads words, not meaning: a hard question in plain, short words looks easy, and an easy one about a hard subject looks hard. Context outside the prompt (files, earlier turns) is not seen.");
        output.WriteLine("- Which of two strong mathematical answers is right is not to be read off the question: on grade-school mathematics it is little better than the length of the prompt.");
        output.WriteLine("- Languages with few rated prompts (Arabic, Hindi, Thai, Turkish and the like) rest on what they share with others: digits, formulas, code, layout.");
        output.WriteLine("- Thresholds for a share are for traffic like the rated prompts; on your own, calibrate with your own prompts.");
        output.WriteLine();
        output.WriteLine("## Again");
        output.WriteLine();
        output.WriteLine("```bash");
        output.WriteLine("dotnet run -c Release --project samples/TrainBuiltInRouter -- --data FOLDER --card src/RouteLLM.Net/Routers/BuiltIn/MODEL-CARD.md");
        output.WriteLine("```");
    }

    private static IEnumerable<(string Name, Scored[] Rows)> Slices(Scored[] rated) =>
        rated.GroupBy(static s => $"language {s.Row.Language}").OrderByDescending(static group => group.Count())
            .Concat(rated.GroupBy(static s => $"category {s.Row.Category}").OrderBy(static group => group.Key, StringComparer.Ordinal))
            .Where(static group => group.Count() >= SmallestSlice)
            .Select(static group => (group.Key, group.ToArray()));

    private static CostQualityCurve Curve(Scored[] rows) => CostQualityCurve.Create(
        [.. rows.Select(static s => s.WinProbability)],
        [.. rows.Select(static s => s.Row.Scores[BuiltInRouterRecipe.StrongModel])],
        [.. rows.Select(static s => s.Row.Scores[BuiltInRouterRecipe.WeakModel])]);

    private static double Rho(Scored[] rows) =>
        RankCorrelation.Spearman([.. rows.Select(static s => s.WinProbability)], [.. rows.Select(static s => s.Row.StrongProbability!.Value)]);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Scored(EvaluationRow Row, double WinProbability);
}
