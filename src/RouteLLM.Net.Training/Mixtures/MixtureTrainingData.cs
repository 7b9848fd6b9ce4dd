namespace RouteLLM.Training;

/// <summary>The rows of a fit, checked, with the routers' scores as logits.</summary>
internal sealed class MixtureTrainingData
{
    private MixtureTrainingData(double[][] logits, double[] labels, double[] weights)
    {
        Logits = logits;
        Labels = labels;
        Weights = weights;
    }

    /// <summary>Gets the routers' logits, <c>[routers, rows]</c>.</summary>
    public double[][] Logits { get; }

    public double[] Labels { get; }

    public double[] Weights { get; }

    public static MixtureTrainingData Create(string[] names, IReadOnlyList<IReadOnlyList<double>> scores, IReadOnlyList<MixtureTrainingRow> rows)
    {
        if (names.Length == 0 || scores.Count != names.Length)
        {
            throw new ArgumentException($"A mixture has at least one router, and scores of each; got {names.Length} routers and scores of {scores.Count}.", nameof(scores));
        }

        CheckRows(rows);
        var logits = new double[names.Length][];
        for (int j = 0; j < names.Length; j++)
        {
            if (scores[j].Count != rows.Count)
            {
                throw new ArgumentException($"There are {scores[j].Count} scores of router '{names[j]}' for {rows.Count} rows.", nameof(scores));
            }

            logits[j] = [.. scores[j].Select((score, i) => score is >= 0 and <= 1
                ? MixtureRouter.Logit(score)
                : throw new InvalidOperationException($"Router '{names[j]}' gave {score} for row {i}, which is no probability in [0, 1]."))];
        }

        return new MixtureTrainingData(logits, [.. rows.Select(static row => row.Label)], [.. rows.Select(static row => row.Weight)]);
    }

    /// <summary>Gives the mixture's logit of a row.</summary>
    /// <param name="parameters">The weights, then the bias.</param>
    /// <param name="row">The row.</param>
    public double Logit(double[] parameters, int row)
    {
        double logit = 0;
        for (int j = 0; j < Logits.Length; j++)
        {
            logit += parameters[j] * Logits[j][row];
        }

        return parameters[^1] + logit;
    }

    /// <summary>Gives the cross-entropy between a row's label and the probability of a logit, in nats.</summary>
    public double CrossEntropy(int row, double logit) => Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit))) - (Labels[row] * logit);

    /// <summary>Gives the weighted mean of the cross-entropy over all rows.</summary>
    public double LogLoss(Func<int, double> logit)
    {
        double loss = 0, weight = 0;
        for (int i = 0; i < Labels.Length; i++)
        {
            loss += Weights[i] * CrossEntropy(i, logit(i));
            weight += Weights[i];
        }

        return loss / weight;
    }

    private static void CheckRows(IReadOnlyList<MixtureTrainingRow> rows)
    {
        double lowest = double.PositiveInfinity, highest = double.NegativeInfinity;
        for (int i = 0; i < rows.Count; i++)
        {
            MixtureTrainingRow row = rows[i];
            if (row.Label is not (>= 0 and <= 1))
            {
                throw new ArgumentException($"The label of row {i} is {row.Label}; expected a probability in [0, 1].", nameof(rows));
            }

            if (!(row.Weight >= 0 && double.IsFinite(row.Weight)))
            {
                throw new ArgumentException($"The weight of row {i} is {row.Weight}; expected a finite number, at least 0.", nameof(rows));
            }

            if (row.Weight > 0)
            {
                lowest = Math.Min(lowest, row.Label);
                highest = Math.Max(highest, row.Label);
            }
        }

        if (lowest > highest)
        {
            throw new ArgumentException($"There are no rows with a weight to fit on: {rows.Count} rows.", nameof(rows));
        }

        if (lowest == highest)
        {
            throw new ArgumentException($"All labels are {lowest}, so there is nothing that scores could tell apart; rows of both outcomes are needed.", nameof(rows));
        }
    }
}
