namespace RouteLLM.Training;

/// <summary>The rows of a fit, checked, with the routers' scores as logits.</summary>
internal sealed class MixtureTrainingData
{
    /// <param name="routers">The routers, of which only the names are used.</param>
    /// <param name="scores">Their scores, <c>[routers, rows]</c>.</param>
    /// <param name="rows">The rows, checked.</param>
    public MixtureTrainingData(IReadOnlyList<IRouter> routers, IReadOnlyList<IReadOnlyList<double>> scores, IReadOnlyList<LabeledPrompt> rows)
    {
        if (routers.Count == 0)
        {
            throw new ArgumentException("There are no routers to mix.", nameof(routers));
        }

        if (scores.Count != routers.Count)
        {
            throw new ArgumentException($"There are scores of {scores.Count} routers, but {routers.Count} routers.", nameof(scores));
        }

        Logits = [.. routers.Select((router, j) => LogitsOf(new MixturePart(router, 0).Name, scores[j], rows.Count))];
        Labels = [.. rows.Select(static row => row.Label)];
        Weights = [.. rows.Select(static row => row.Weight)];
    }

    /// <summary>Gets the routers' logits, <c>[routers, rows]</c>.</summary>
    public double[][] Logits { get; }

    public double[] Labels { get; }

    public double[] Weights { get; }

    /// <summary>Throws if nothing can be fitted on the rows.</summary>
    public static void Check(IReadOnlyList<LabeledPrompt> rows)
    {
        if (rows.Count < 10)
        {
            throw new ArgumentException($"There are {rows.Count} labelled prompts; at least 10 are needed.", nameof(rows));
        }

        for (int i = 0; i < rows.Count; i++)
        {
            if (rows[i].Prompt is null || rows[i].Label is not (>= 0 and <= 1) || rows[i].Weight is not (> 0 and < double.PositiveInfinity))
            {
                throw new ArgumentException($"Row {i} has the label {rows[i].Label} and the weight {rows[i].Weight}; expected a prompt, a label in [0, 1] and a finite weight above 0.", nameof(rows));
            }
        }

        if (rows.All(row => row.Label == rows[0].Label))
        {
            throw new ArgumentException($"All labels are {rows[0].Label}, so nothing can be learned from them; label prompts of both kinds.", nameof(rows));
        }
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

    private static double[] LogitsOf(string router, IReadOnlyList<double> scores, int count)
    {
        if (scores.Count != count)
        {
            throw new ArgumentException($"There are {scores.Count} scores of router '{router}' for {count} rows.", nameof(scores));
        }

        return
        [
            .. scores.Select((score, i) => score is >= 0 and <= 1
                ? MixtureRouter.Logit(score)
                : throw new InvalidOperationException($"Router '{router}' gave {score} for row {i}, which is no probability in [0, 1].")),
        ];
    }
}
