using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Makes <see cref="TrainingPrompt"/>s of battles, of scored or rated rows, and of labels.</summary>
public static class TrainingPrompts
{
    /// <summary>Makes a training prompt of each battle, in order, so that embeddings of the battles are those of the prompts.</summary>
    /// <param name="battles">The battles. One without a prompt becomes an empty prompt, which can be trained on where its embedding is given.</param>
    /// <returns>One prompt a battle.</returns>
    /// <exception cref="ArgumentException">A battle is of a model against itself.</exception>
    public static IReadOnlyList<TrainingPrompt> FromBattles(IEnumerable<Battle> battles)
    {
        ArgumentNullException.ThrowIfNull(battles);
        return [.. battles.Select(FromBattle)];
    }

    /// <summary>Makes training prompts of scored or rated rows: differences of scores become soft labels.</summary>
    /// <param name="rows">The rows. Those that say nothing of any two models, having fewer than two scores and no rating, are left out.</param>
    /// <param name="strongModel">The strong model that <see cref="EvaluationRow.StrongProbability"/> is about.</param>
    /// <param name="weakModel">The weak model.</param>
    /// <returns>
    /// One prompt a row that says something, with an outcome for each two of its models: the one with the higher score wins with the difference of the scores as probability, and what is left of 1 is that of a tie. A rating is
    /// an outcome of the two models given. Each prompt's outcomes weigh 1 together.
    /// </returns>
    /// <exception cref="ArgumentException">A score or rating is not in [0, 1].</exception>
    public static IReadOnlyList<TrainingPrompt> FromRows(IEnumerable<EvaluationRow> rows, string strongModel, string weakModel)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentException.ThrowIfNullOrEmpty(strongModel);
        ArgumentException.ThrowIfNullOrEmpty(weakModel);
        return [.. rows.Where(static row => row.Scores.Count > 1 || row.StrongProbability is not null).Select(row => FromRow(row, strongModel, weakModel))];
    }

    /// <summary>Makes a training prompt of each labelled prompt, in order.</summary>
    /// <param name="rows">The labelled prompts. A label says nothing of ties, so <see cref="TieHandling.Margin"/> is what they can be trained on with.</param>
    /// <param name="strongModel">The strong model that the labels are about.</param>
    /// <param name="weakModel">The weak model.</param>
    /// <returns>One prompt a row.</returns>
    public static IReadOnlyList<TrainingPrompt> FromLabels(IEnumerable<LabeledPrompt> rows, string strongModel, string weakModel)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentException.ThrowIfNullOrEmpty(strongModel);
        ArgumentException.ThrowIfNullOrEmpty(weakModel);
        return [.. rows.Select(row => new TrainingPrompt(row.Prompt, [new PairOutcome(strongModel, weakModel, row.Label, null, row.Weight)], Group: row.Group))];
    }

    private static TrainingPrompt FromBattle(Battle battle, int index)
    {
        if (battle.ModelA == battle.ModelB)
        {
            throw new ArgumentException($"Battle {index} is of '{battle.ModelA}' against itself, which says nothing; leave it out.", nameof(battle));
        }

        double a = battle.Winner == BattleWinner.ModelA ? 1 : 0, b = battle.Winner == BattleWinner.ModelB ? 1 : 0;
        return new TrainingPrompt(battle.Prompt ?? "", [new PairOutcome(battle.ModelA, battle.ModelB, a, b)]);
    }

    private static TrainingPrompt FromRow(EvaluationRow row, string strongModel, string weakModel)
    {
        var outcomes = new List<PairOutcome>();
        string[] models = [.. row.Scores.Keys.Order(StringComparer.Ordinal)];
        for (int a = 0; a < models.Length; a++)
        {
            for (int b = a + 1; b < models.Length; b++)
            {
                double difference = Checked(row.Scores[models[a]], row) - Checked(row.Scores[models[b]], row);
                outcomes.Add(new PairOutcome(models[a], models[b], Math.Max(difference, 0), Math.Max(-difference, 0)));
            }
        }

        if (row.StrongProbability is { } probability)
        {
            outcomes.Add(new PairOutcome(strongModel, weakModel, Checked(probability, row), null));
        }

        return new TrainingPrompt(row.Prompt, [.. outcomes.Select(outcome => outcome with { Weight = 1.0 / outcomes.Count })]);
    }

    private static double Checked(double value, EvaluationRow row) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentException($"Row '{row.Id}' has the score or rating {value}; expected a number in [0, 1].", nameof(row));
}
