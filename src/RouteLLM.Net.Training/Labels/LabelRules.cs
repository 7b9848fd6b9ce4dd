using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Labels prompts for a strong and a weak model: how likely the strong one's answer is the better one, from scores, from battles, or from ratings.</summary>
/// <remarks>Labels of several sampled answers a model are made by <see cref="HybridLabelRules"/>.</remarks>
public static class LabelRules
{
    /// <summary>Labels rows by the scores of the two models' answers.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="strong">The strong model's name in the rows.</param>
    /// <param name="weak">The weak model's name in the rows.</param>
    /// <param name="options">How scores are read; the defaults if <see langword="null"/>, which give 1 where the strong model's score is higher and 0 elsewhere (the deterministic labels of Hybrid LLM).</param>
    /// <returns>The labels, and how many rows gave none.</returns>
    /// <exception cref="ArgumentException">The options are not valid, the models are the same, a score is missing and that is to be refused, or a difference is to be a probability but a score is not in [0, 1].</exception>
    public static LabelingResult FromScores(IEnumerable<EvaluationRow> rows, string strong, string weak, LabelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        CheckModels(strong, weak);
        options ??= new LabelOptions();
        options.Validate();
        var builder = new LabelBuilder(options.Ties);
        foreach (EvaluationRow row in rows)
        {
            double strongScore = row.Scores.GetValueOrDefault(strong, double.NaN), weakScore = row.Scores.GetValueOrDefault(weak, double.NaN);
            if (MissingScore(double.IsFinite(strongScore), double.IsFinite(weakScore)) is { } reason)
            {
                Miss(builder, reason, row.Id, strong, weak, options.Missing);
                continue;
            }

            if (options.Scores == ScoreReading.Difference && (strongScore is not (>= 0 and <= 1) || weakScore is not (>= 0 and <= 1)))
            {
                throw new ArgumentException($"Row '{row.Id}' has the scores {strongScore} ({strong}) and {weakScore} ({weak}), whose difference is no probability; bring scores to [0, 1], or read them as outcomes.", nameof(rows));
            }

            double difference = strongScore - weakScore;
            double won = Math.Abs(difference) <= options.Margin ? 0 : options.Scores == ScoreReading.Outcome ? Math.Sign(difference) : difference;
            builder.Add(row.Prompt, Math.Max(won, 0), Math.Max(-won, 0), options.Group?.Invoke(row));
        }

        return builder.Build();
    }

    /// <summary>Labels prompts by battles of the two models, in either order. A prompt with several battles gets several labels.</summary>
    /// <param name="battles">The battles; those of other models are left out and counted.</param>
    /// <param name="strong">The strong model's name.</param>
    /// <param name="weak">The weak model's name.</param>
    /// <param name="ties">What a tie says; not a win by default.</param>
    /// <returns>The labels, and how many battles gave none.</returns>
    /// <exception cref="ArgumentException">The models are the same.</exception>
    public static LabelingResult FromBattles(IEnumerable<Battle> battles, string strong, string weak, TieReading ties = TieReading.NotAWin)
    {
        ArgumentNullException.ThrowIfNull(battles);
        CheckModels(strong, weak);
        var builder = new LabelBuilder(ties);
        foreach (Battle battle in battles)
        {
            bool forward = battle.ModelA == strong && battle.ModelB == weak;
            if (!forward && !(battle.ModelA == weak && battle.ModelB == strong))
            {
                builder.Drop(LabelDropReason.OtherModels);
                continue;
            }

            bool tie = battle.Winner == BattleWinner.Tie, strongWins = battle.Winner == (forward ? BattleWinner.ModelA : BattleWinner.ModelB);
            builder.Add(battle.Prompt, !tie && strongWins ? 1 : 0, !tie && !strongWins ? 1 : 0);
        }

        return builder.Build();
    }

    /// <summary>Takes the rated probability that a strong model's answer is clearly better as the label, whichever the models.</summary>
    /// <param name="rows">The rows; those without <see cref="EvaluationRow.StrongProbability"/> are left out and counted.</param>
    /// <param name="group">Which rows are held out together in cross-validation; copies of a prompt alone if <see langword="null"/>.</param>
    /// <returns>The labels, and how many rows gave none.</returns>
    public static LabelingResult FromRatings(IEnumerable<EvaluationRow> rows, Func<EvaluationRow, string?>? group = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var builder = new LabelBuilder(TieReading.NotAWin);
        foreach (EvaluationRow row in rows)
        {
            if (row.StrongProbability is >= 0 and <= 1 and double probability)
            {
                builder.Add(row.Prompt, probability, 1 - probability, group?.Invoke(row));
            }
            else
            {
                builder.Drop(LabelDropReason.NoRating);
            }
        }

        return builder.Build();
    }

    internal static void CheckModels(string strong, string weak)
    {
        ArgumentException.ThrowIfNullOrEmpty(strong);
        ArgumentException.ThrowIfNullOrEmpty(weak);
        if (strong == weak)
        {
            throw new ArgumentException($"Both models are '{strong}', so neither could win; name a strong and a weak model.", nameof(weak));
        }
    }

    /// <summary>Says which scores are missing, or <see langword="null"/> if none is.</summary>
    internal static LabelDropReason? MissingScore(bool hasStrong, bool hasWeak) => (hasStrong, hasWeak) switch
    {
        (true, true) => null,
        (false, true) => LabelDropReason.NoStrongScore,
        (true, false) => LabelDropReason.NoWeakScore,
        _ => LabelDropReason.NoScores,
    };

    internal static void Miss(LabelBuilder builder, LabelDropReason reason, string id, string strong, string weak, MissingScores missing)
    {
        if (missing == MissingScores.Refuse)
        {
            string whose = reason switch
            {
                LabelDropReason.NoStrongScore => $"'{strong}'",
                LabelDropReason.NoWeakScore => $"'{weak}'",
                _ => $"'{strong}' and '{weak}'",
            };
            throw new ArgumentException($"Row '{id}' has no finite score of {whose}; score it, leave the row out, or skip rows with missing scores.");
        }

        builder.Drop(reason);
    }
}
