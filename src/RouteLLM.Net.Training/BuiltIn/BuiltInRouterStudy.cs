using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Measures what the recipe of the built-in router is worth on prompts from elsewhere: whole sources, authors and categories are left out of the training and predicted.</summary>
/// <remarks>Only rows of the split <c>train</c> are used. It takes about a dozen times as long as training.</remarks>
public static class BuiltInRouterStudy
{
    private const int SmallestPart = 40;

    /// <summary>Leaves out one source, or one author of rated prompts, after the other.</summary>
    /// <param name="rows">The rows; those that are not of the split <c>train</c> are not used.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>One measurement a source.</returns>
    public static IReadOnlyList<SourceStudy> LeaveOutSources(IEnumerable<EvaluationRow> rows, int seed = 0, CancellationToken cancellationToken = default) =>
        LeaveOut(rows, static row => SourceSet(row.Source), static _ => true, seed, cancellationToken);

    /// <summary>Leaves out one category of rated prompts after the other: is it the words of the categories that have been learned?</summary>
    /// <param name="rows">The rows; those that are not of the split <c>train</c> are not used.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>One measurement a category.</returns>
    public static IReadOnlyList<SourceStudy> LeaveOutCategories(IEnumerable<EvaluationRow> rows, int seed = 0, CancellationToken cancellationToken = default) =>
        LeaveOut(rows, static row => row.Category ?? SourceSet(row.Source), static row => row.StrongProbability is not null, seed, cancellationToken);

    private static List<SourceStudy> LeaveOut(IEnumerable<EvaluationRow> rows, Func<EvaluationRow, string> partOf, Func<EvaluationRow, bool> isMeasured, int seed, CancellationToken cancellationToken)
    {
        EvaluationRow[] used = [.. rows.Where(static row => row.Split == BuiltInRouterRecipe.TrainingSplit)];
        IReadOnlyList<TrainingPrompt> prompts = BuiltInRouterRecipe.CreatePrompts(used);
        HashedMatrixFactorizationTrainingOptions options = BuiltInRouterRecipe.CreateOptions(used, seed);

        // Rows that are not measured are one part, which is left out for nobody's sake.
        string[] parts = [.. used.Select(row => isMeasured(row) ? partOf(row) : "")];
        double[] leftOut = HashedMatrixFactorizationTrainer.PredictLeftOut(prompts, options, parts, cancellationToken);
        double[] inDomain = HashedMatrixFactorizationTrainer.PredictHeldOut(prompts, options, cancellationToken);
        return
        [
            .. Enumerable.Range(0, used.Length).Where(i => parts[i].Length > 0).GroupBy(i => parts[i]).Where(static part => part.Count() >= SmallestPart)
                .Select(part => Measure(part.Key, [.. part], used, inDomain, leftOut)).OrderBy(static part => part.Name, StringComparer.Ordinal),
        ];
    }

    private static SourceStudy Measure(string name, int[] part, EvaluationRow[] rows, double[] inDomain, double[] leftOut)
    {
        bool rated = rows[part[0]].StrongProbability is not null;
        Func<int[], double[], double> metric;
        string metricName;
        if (rated)
        {
            metric = (indices, predictions) => RankCorrelation.Spearman([.. indices.Select(i => predictions[i])], [.. indices.Select(i => rows[i].StrongProbability!.Value)]);
            metricName = "rank correlation";
        }
        else
        {
            (string strong, string weak) = BestAndWorst(part.Select(i => rows[i]));
            metric = (indices, predictions) => CostQualityCurve.Create([.. indices.Select(i => predictions[i])], [.. indices.Select(i => rows[i].Scores[strong])], [.. indices.Select(i => rows[i].Scores[weak])]).Apgr;
            metricName = $"APGR, {strong} against {weak}";
        }

        BootstrapInterval interval = BootstrapInterval.Create(part.Length, draw => metric([.. draw.Select(i => part[i])], leftOut), resamples: 500);
        return new SourceStudy(name, part.Length, metricName, rated ? 0 : 0.5, metric(part, inDomain), metric(part, leftOut), interval);
    }

    /// <summary>Gives the models with the highest and the lowest mean score, among those that have a score on every row.</summary>
    private static (string Strong, string Weak) BestAndWorst(IEnumerable<EvaluationRow> rows)
    {
        EvaluationRow[] all = [.. rows];
        string[] models = [.. all[0].Scores.Keys.Where(model => all.All(row => row.Scores.ContainsKey(model))).OrderByDescending(model => all.Average(row => row.Scores[model])).ThenBy(static model => model, StringComparer.Ordinal)];
        return (models[0], models[^1]);
    }

    /// <summary>Names the set that a source belongs to: subjects and exams of a benchmark are one source, an author of rated prompts is one.</summary>
    private static string SourceSet(string source)
    {
        string[] names = source.Split('/');
        return names is ["mmlu", ..] ? names[0] : names.Length > 1 ? $"{names[0]}/{names[1].Split('_')[0]}" : source;
    }
}
