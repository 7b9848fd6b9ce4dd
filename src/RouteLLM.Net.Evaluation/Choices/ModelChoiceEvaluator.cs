namespace RouteLLM.Evaluation;

/// <summary>Measures anything that names a model for a prompt, which is the contract of RouterBench's routers (<c>route_prompt</c>), among any number of models.</summary>
/// <remarks>Call it for several settings, such as how much a caller is willing to pay, and <see cref="CostQualityHull"/> makes the curve and its AIQ of what comes out.</remarks>
public static class ModelChoiceEvaluator
{
    /// <summary>Evaluates a function that names a model.</summary>
    /// <param name="chooseModel">Takes a prompt and names one of the models.</param>
    /// <param name="rows">The rows, enumerated once.</param>
    /// <param name="options">The models, and how to evaluate; the defaults if <see langword="null"/>.</param>
    /// <returns>The evaluation.</returns>
    /// <exception cref="EvaluationException">There are no rows, a row lacks a score of a model or has one that is not on the scale, or a model was named that is not among them.</exception>
    public static ChoiceEvaluation Evaluate(Func<string, string> chooseModel, IEnumerable<EvaluationRow> rows, ChoiceEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(chooseModel);

        // Nothing is waited for: the function has its answer at once.
        return EvaluateAsync((prompt, _) => new ValueTask<string>(chooseModel(prompt)), rows, options).GetAwaiter().GetResult();
    }

    /// <summary>Evaluates a function that names a model, and may have to ask for it.</summary>
    /// <param name="chooseModel">Takes a prompt and names one of the models; called for one prompt after the other.</param>
    /// <param name="rows">The rows, enumerated once.</param>
    /// <param name="options">The models, and how to evaluate; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>The evaluation.</returns>
    /// <exception cref="EvaluationException">There are no rows, a row lacks a score of a model or has one that is not on the scale, or a model was named that is not among them.</exception>
    public static async Task<ChoiceEvaluation> EvaluateAsync(
        Func<string, CancellationToken, ValueTask<string>> chooseModel, IEnumerable<EvaluationRow> rows, ChoiceEvaluationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chooseModel);
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new();
        options.Bootstrap.Validate();
        IReadOnlyList<string> models = options.Models;
        var all = new List<Choice>();
        var slices = new Dictionary<string, List<Choice>>(StringComparer.Ordinal);
        int skipped = 0;
        foreach (EvaluationRow row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            models = models.Count == 0 ? [.. row.Scores.Keys] : models;
            if (options.MissingScores == MissingScoreHandling.Skip && (models.Count == 0 || models.Any(model => !row.Scores.ContainsKey(model))))
            {
                skipped++;
                continue;
            }

            double[] scores = [.. models.Select(model => RouterEvaluator.Score(row, model, options.Scale))];
            if (scores.Length == 0)
            {
                throw new EvaluationException($"The {row.Describe()} has scores of no model, so there is nothing to choose from. Name the models ({nameof(ChoiceEvaluationOptions.Models)}).");
            }

            string named = await chooseModel(row.Prompt, cancellationToken).ConfigureAwait(false);
            int chosen = models.TakeWhile(model => model != named).Count();
            if (chosen == models.Count)
            {
                throw new EvaluationException($"For the {row.Describe()} the model \"{named}\" was chosen, which is none of {string.Join(", ", models.Select(static model => $"\"{model}\""))}.");
            }

            var choice = new Choice(chosen, scores, [.. models.Select(model => RouterEvaluator.Cost(row, model, options.Prices))], row.Latencies.GetValueOrDefault(named, double.NaN));
            all.Add(choice);
            foreach (string slice in options.SliceBy(row).Distinct())
            {
                (slices.TryGetValue(slice, out List<Choice>? members) ? members : slices[slice] = []).Add(choice);
            }
        }

        return all.Count == 0
            ? throw new EvaluationException(skipped == 0 ? "There are no rows to evaluate on; expected at least one." : $"None of {skipped} rows has scores of all of {string.Join(", ", models)}.")
            : new ChoiceEvaluation(
                models, options.Scale, Summarize("overall", all, models, options, cancellationToken),
                [.. slices.OrderBy(static slice => slice.Key, StringComparer.Ordinal).Select(slice => Summarize(slice.Key, slice.Value, models, options, cancellationToken))], skipped);
    }

    private static ChoiceSlice Summarize(string name, List<Choice> choices, IReadOnlyList<string> models, ChoiceEvaluationOptions options, CancellationToken cancellationToken)
    {
        ModelOutcome[] outcomes = [.. models.Select((model, m) => new ModelOutcome(
            model, choices.Average(choice => choice.Chosen == m ? 1.0 : 0), choices.Average(choice => choice.Scores[m]), Known(choices.Average(choice => choice.Costs[m]))))];
        double[] answered = [.. choices.Select(static choice => choice.Scores[choice.Chosen])];
        double[][] resampled = Resampler.Run(answered.Length, 1, options.Bootstrap, (counts, row) => row[0] = WeightedMean.Of(answered, counts), cancellationToken);
        return new ChoiceSlice
        {
            Name = name,
            Rows = choices.Count,
            Quality = answered.Average(),
            QualityInterval = BootstrapInterval.FromValues(resampled[0], options.Bootstrap.Confidence),
            Cost = Known(choices.Average(static choice => choice.Costs[choice.Chosen])),
            Latency = Known(choices.Average(static choice => choice.Latency)),
            Models = outcomes,
            BestModel = outcomes.OrderByDescending(static outcome => outcome.Quality).ThenBy(static outcome => outcome.Cost ?? double.PositiveInfinity).First(),
            BestModelShare = choices.Average(static choice => choice.Scores[choice.Chosen] == choice.Scores.Max() ? 1.0 : 0),
            OracleQuality = choices.Average(static choice => choice.Scores.Max()),
            OracleCost = Known(choices.Average(static choice => choice.CheapestBest())),
        };
    }

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    private sealed record Choice(int Chosen, double[] Scores, double[] Costs, double Latency)
    {
        // NaN, an unknown cost, is kept: a minimum over those known would be too good.
        public double CheapestBest()
        {
            double best = Scores.Max(), cheapest = double.PositiveInfinity;
            for (int m = 0; m < Scores.Length; m++)
            {
                cheapest = Scores[m] == best ? Math.Min(cheapest, Costs[m]) : cheapest;
            }

            return cheapest;
        }
    }
}
