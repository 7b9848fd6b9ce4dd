namespace RouteLLM.Training;

/// <summary>Adapts to rows: chooses by cross-validation how much to change, fits, and calibrates.</summary>
/// <remarks>
/// Few rows tell penalties apart badly, and the best of several by chance is worse than it looks. So on few rows cross-validation is repeated with other folds, and the original is only left where the gain over it exceeds its standard error
/// (the rule of Breiman et al., "Classification and Regression Trees", 1984).
/// </remarks>
internal sealed class AdaptationSearch(AdaptationProblem problem, string[] groups, AdaptationOptions options)
{
    private const int FewRows = 500;
    private const int RepetitionsOfFewRows = 3;
    private const double Careful = 5;
    private const double StandardErrors = 1;

    // In nats: less is not worth a change, and could be rounding.
    private const double SmallestGain = 1e-4;

    private readonly AdaptationPenalty[] _changes =
    [
        new(Careful * options.CalibrationPenalty, double.PositiveInfinity),
        new(options.CalibrationPenalty, double.PositiveInfinity),
        .. options.FeaturePenalties.OrderDescending().Select(penalty => new AdaptationPenalty(options.CalibrationPenalty, penalty)),
    ];

    /// <summary>Adapts to some of the rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The solution; that which changes nothing where nothing can be learned: from labels that are all the same, or of one group.</returns>
    public AdaptationSolution Solve(int[] rows, CancellationToken cancellationToken)
    {
        bool learnable = rows.Any(row => problem.Labels[row] != problem.Labels[rows[0]]) && rows.Any(row => groups[row] != groups[rows[0]]);
        (AdaptationPenalty penalty, double[] heldOut) = learnable
            ? Choose(rows, cancellationToken)
            : (AdaptationPenalty.KeepOriginal, [.. rows.Select(row => problem.Logit(problem.Original, row))]);
        if (penalty == AdaptationPenalty.KeepOriginal)
        {
            return new AdaptationSolution(penalty, problem.Original, heldOut);
        }

        // What was fitted is surer of itself than it should be; what it said of rows it was fitted without tells by how much (Platt, 1999).
        var calibrating = new AdaptationProblem(
            AdaptationFeatures.None,
            RouterSignals.FromLogits(heldOut),
            [.. rows.Select(row => problem.Labels[row])],
            [.. rows.Select(row => problem.Weights[row])]);
        AdaptationFit platt = calibrating.Fit([.. Enumerable.Range(0, rows.Length)], new(options.CalibrationPenalty, double.PositiveInfinity), cancellationToken);
        return platt.Calibration[0] > 0
            ? new AdaptationSolution(penalty, problem.Fit(rows, penalty, cancellationToken).Calibrated(platt.Calibration[0], platt.Calibration[1]), [.. Enumerable.Range(0, rows.Length).Select(i => calibrating.Logit(platt, i))])
            : new AdaptationSolution(AdaptationPenalty.KeepOriginal, problem.Original, [.. rows.Select(row => problem.Logit(problem.Original, row))]);
    }

    /// <summary>Chooses among the penalties, from the most careful to the freest; of equals the more careful. With it come the rows' held-out logits.</summary>
    private (AdaptationPenalty Penalty, double[] HeldOut) Choose(int[] rows, CancellationToken cancellationToken)
    {
        (double[] Logits, double[] Losses) original = HoldOut(rows, AdaptationPenalty.KeepOriginal, cancellationToken);
        (AdaptationPenalty Penalty, double[] HeldOut, double Gain) best = (AdaptationPenalty.KeepOriginal, original.Logits, 0);
        double highest = double.NegativeInfinity;
        int sinceHighest = 0;
        foreach (AdaptationPenalty penalty in _changes)
        {
            (double[] logits, double[] losses) = HoldOut(rows, penalty, cancellationToken);
            (double gain, double standardError) = Compare(rows, original.Losses, losses);
            if (gain > Math.Max(best.Gain, SmallestGain) && gain > StandardErrors * standardError)
            {
                best = (penalty, logits, gain);
            }

            // Less and less penalty first helps and then hurts; once it has hurt twice, it will not help again.
            sinceHighest = gain > highest ? 0 : sinceHighest + 1;
            highest = Math.Max(highest, gain);
            if (sinceHighest == 2 && !double.IsPositiveInfinity(penalty.Features))
            {
                break;
            }
        }

        return (best.Penalty, best.HeldOut);
    }

    /// <summary>Gives for each row its mean logit and its mean loss over the repetitions, always by a fit without its group.</summary>
    private (double[] Logits, double[] Losses) HoldOut(int[] rows, AdaptationPenalty penalty, CancellationToken cancellationToken)
    {
        var logits = new double[rows.Length];
        var losses = new double[rows.Length];
        string[] own = [.. rows.Select(row => groups[row])];
        int repetitions = rows.Length <= FewRows ? RepetitionsOfFewRows : 1;
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            int[] folds = GroupFolds.Deal(own, Math.Min(options.Folds, own.Distinct().Count()), unchecked((options.Seed * RepetitionsOfFewRows) + repetition));
            for (int fold = 0; fold < options.Folds; fold++)
            {
                AdaptationFit fit = problem.Fit([.. rows.Where((_, i) => folds[i] != fold)], penalty, cancellationToken);
                for (int i = 0; i < rows.Length; i++)
                {
                    if (folds[i] == fold)
                    {
                        double logit = problem.Logit(fit, rows[i]);
                        logits[i] += logit / repetitions;
                        losses[i] += problem.Loss(rows[i], logit) / repetitions;
                    }
                }
            }
        }

        return (logits, losses);
    }

    /// <summary>Gives the weighted mean by which the loss falls, and its standard error, in which rows of a group count as one.</summary>
    private (double Gain, double StandardError) Compare(int[] rows, double[] before, double[] after)
    {
        double weight = 0, gain = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            weight += problem.Weights[rows[i]];
            gain += problem.Weights[rows[i]] * (before[i] - after[i]);
        }

        double mean = gain / weight;
        double squares = Enumerable.Range(0, rows.Length)
            .GroupBy(i => groups[rows[i]], StringComparer.Ordinal)
            .Sum(group => Math.Pow(group.Sum(i => problem.Weights[rows[i]] * (before[i] - after[i] - mean)), 2));
        return (mean, Math.Sqrt(squares) / weight);
    }
}
