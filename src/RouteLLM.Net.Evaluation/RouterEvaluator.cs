namespace RouteLLM.Evaluation;

/// <summary>Measures routers on prompts for which it is known how both models answer.</summary>
public static class RouterEvaluator
{
    /// <summary>Evaluates a router.</summary>
    /// <param name="router">The router; asked in batches.</param>
    /// <param name="rows">The rows, enumerated once; filter them for one split.</param>
    /// <param name="options">The models, and how to evaluate.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>The evaluation, the same for the same rows and options whatever the number of threads.</returns>
    /// <exception cref="EvaluationException">
    /// There are no rows, a row lacks a score of a model (unless such rows are skipped) or has one that is not on the scale, or the router gave something else than probabilities in [0, 1].
    /// </exception>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public static async Task<RouterEvaluation> EvaluateAsync(IRouter router, IEnumerable<EvaluationRow> rows, EvaluationOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();

        var evaluated = new List<EvaluatedRow>();
        var slices = new Dictionary<string, List<EvaluatedRow>>(StringComparer.Ordinal);
        int skipped = 0;
        string? scoredModels = null;
        IEnumerable<EvaluationRow> used = rows.Where(row =>
        {
            bool isUsed = IsUsed(row, options);
            skipped += isUsed ? 0 : 1;
            scoredModels ??= isUsed ? null : string.Join(", ", row.Scores.Keys);
            return isUsed;
        });
        foreach (EvaluationRow[] batch in used.Chunk(options.Prediction.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            IReadOnlyList<double> predicted = await router.PredictWinProbabilitiesAsync(batch.Select(static row => row.Prompt), cancellationToken).ConfigureAwait(false);
            if (predicted.Count != batch.Length)
            {
                throw new EvaluationException($"The router gave {predicted.Count} win probabilities for {batch.Length} prompts; expected one a prompt.");
            }

            for (int i = 0; i < batch.Length; i++)
            {
                EvaluatedRow row = Evaluate(batch[i], predicted[i], options);
                evaluated.Add(row);
                foreach (string slice in options.SliceBy(batch[i]).Distinct())
                {
                    (slices.TryGetValue(slice, out List<EvaluatedRow>? members) ? members : slices[slice] = []).Add(row);
                }
            }

            options.Prediction.Progress?.Report(evaluated.Count);
        }

        return evaluated.Count > 0
            ? new RouterEvaluation(router.GetService<RouterMetadata>(), options, [.. evaluated], slices, skipped, cancellationToken)
            : throw new EvaluationException(skipped == 0
                ? "There are no rows to evaluate on; expected at least one."
                : $"None of {skipped} rows has scores of both \"{options.StrongModel}\" and \"{options.WeakModel}\". The first has scores of {(scoredModels!.Length == 0 ? "no model" : scoredModels)}.");
    }

    /// <summary>Finds what a model's answer costs: what the row says, or else its tokens at the model's price; NaN if neither is known.</summary>
    internal static double Cost(EvaluationRow row, string model, IReadOnlyDictionary<string, TokenPrice> prices) =>
        row.Costs.TryGetValue(model, out double cost) ? cost
        : prices.TryGetValue(model, out TokenPrice? price) && row.Tokens.TryGetValue(model, out TokenUsage tokens) ? (double)price.CostOf(tokens.Input, tokens.Output, tokens.CachedInput)
        : double.NaN;

    /// <summary>Finds the score of a model, and checks it.</summary>
    /// <exception cref="EvaluationException">There is none, or it is not on the scale.</exception>
    internal static double Score(EvaluationRow row, string model, ScoreScale scale) =>
        !row.Scores.TryGetValue(model, out double score)
            ? throw new EvaluationException(
                $"The {row.Describe()} has no score of \"{model}\"; it has scores of {(row.Scores.Count == 0 ? "no model" : string.Join(", ", row.Scores.Keys.Select(static name => $"\"{name}\"")))}. Name the models as the rows do, or skip such rows ({nameof(MissingScoreHandling)}.{nameof(MissingScoreHandling.Skip)}).")
            : scale.Contains(score) ? score
            : throw new EvaluationException($"The {row.Describe()} has {score} for \"{model}\", which is not on the scale {scale}. Declare the scale that the scores are on.");

    private static bool IsUsed(EvaluationRow row, EvaluationOptions options) =>
        options.MissingScores == MissingScoreHandling.Refuse
        || IsRatedOnly(row)
        || (row.Scores.ContainsKey(options.StrongModel) && row.Scores.ContainsKey(options.WeakModel));

    private static bool IsRatedOnly(EvaluationRow row) => row.StrongProbability is not null && row.Scores.Count == 0;

    private static EvaluatedRow Evaluate(EvaluationRow row, double winProbability, EvaluationOptions options)
    {
        if (winProbability is not (>= 0 and <= 1))
        {
            throw new EvaluationException($"The router gave {winProbability} for the {row.Describe()}; expected a win probability in [0, 1].");
        }

        var evaluated = new EvaluatedRow
        {
            Id = row.Id,
            Source = row.Source,
            Prompt = options.KeepPrompts ? row.Prompt : null,
            WinProbability = winProbability,
            StrongProbability = row.StrongProbability,
        };
        return IsRatedOnly(row) ? evaluated : evaluated with
        {
            StrongScore = Score(row, options.StrongModel, options.Scale),
            WeakScore = Score(row, options.WeakModel, options.Scale),
            StrongCost = Cost(row, options.StrongModel, options.Prices),
            WeakCost = Cost(row, options.WeakModel, options.Prices),
            StrongLatency = row.Latencies.GetValueOrDefault(options.StrongModel, double.NaN),
            WeakLatency = row.Latencies.GetValueOrDefault(options.WeakModel, double.NaN),
        };
    }
}
