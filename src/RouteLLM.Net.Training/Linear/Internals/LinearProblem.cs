using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>The rows of a training, checked: their features, folds and targets.</summary>
/// <param name="features">The features of the rows.</param>
/// <param name="folds">The fold of each row.</param>
/// <param name="models">The names of the models.</param>
/// <param name="targets">The target of each output and row, NaN where it is not known: <c>[outputs, rows]</c>.</param>
/// <param name="weights">The weight of each row.</param>
internal sealed class LinearProblem(LinearFeatureMatrix features, int[] folds, string[] models, double[][] targets, double[] weights)
{
    public LinearFeatureMatrix Features => features;

    public string[] Models => models;

    public int Outputs => targets.Length;

    public double[] Weights => weights;

    public double[] Targets(int output) => targets[output];

    /// <summary>Gives the rows that an output is fitted on.</summary>
    /// <param name="output">The output.</param>
    /// <param name="heldOut">The fold that is left out, or -1.</param>
    /// <returns>The weight of each row, 0 for those left out.</returns>
    public double[] TrainingWeights(int output, int heldOut) => [.. weights.Select((weight, row) => folds[row] == heldOut || double.IsNaN(targets[output][row]) ? 0 : weight)];

    public bool IsHeldOut(int row, int fold) => folds[row] == fold;

    public static LinearProblem Create(IReadOnlyList<LabeledPrompt> rows, LinearTrainingOptions options)
    {
        if (rows.Count == 0)
        {
            throw new ArgumentException("There are no labelled prompts to train on.", nameof(rows));
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

        int[] folds = GroupFolds.Deal([.. rows.Select(static row => row.Group ?? row.Prompt)], options.Folds, options.Seed);
        LinearFeatureMatrix features = LinearFeatureMatrix.Create([.. rows.Select(static row => row.Prompt)], options);
        return new(features, folds, [options.StrongModel, options.WeakModel], [[.. rows.Select(static row => row.Label)]], [.. rows.Select(static row => row.Weight)]);
    }

    public static LinearProblem Create(IReadOnlyList<EvaluationRow> rows, Func<EvaluationRow, string>? group, LinearTrainingOptions options)
    {
        for (int i = 0; i < rows.Count; i++)
        {
            ArgumentNullException.ThrowIfNull(rows[i], nameof(rows));
            foreach ((string model, double score) in rows[i].Scores)
            {
                if (score is not (>= 0 and <= 1))
                {
                    throw new ArgumentException($"Row {i} ('{rows[i].Id}') has the score {score} of model '{model}'; scores are in [0, 1]. Leave out the score of an answer that was not graded.", nameof(rows));
                }
            }
        }

        string[] models = [.. rows.SelectMany(static row => row.Scores.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (models.Length < 2)
        {
            throw new ArgumentException($"The {rows.Count} rows have scores of {models.Length} models; those of two at least are needed.", nameof(rows));
        }

        int strong = ModelNames.IndexOf(models, options.StrongModel, nameof(options.StrongModel));
        int weak = ModelNames.IndexOf(models, options.WeakModel, nameof(options.WeakModel));
        int[] folds = GroupFolds.Deal([.. rows.Select(group ?? (static row => row.Prompt))], options.Folds, options.Seed);
        LinearFeatureMatrix features = LinearFeatureMatrix.Create([.. rows.Select(static row => row.Prompt)], options);
        double[][] targets = [.. models.Select(model => rows.Select(row => row.Scores.TryGetValue(model, out double score) ? score : double.NaN).ToArray())];
        var problem = new LinearProblem(features, folds, models, targets, [.. Enumerable.Repeat(1.0, rows.Count)]);
        int[] both = [.. problem.RowsOfPair(strong, weak)];
        int wins = both.Count(row => problem.Win(strong, weak, row, options.WinMargin) > 0);
        return wins > 0 && wins < both.Length
            ? problem
            : throw new ArgumentException(
                $"Of {both.Length} rows with scores of both, '{options.StrongModel}' is clearly better than '{options.WeakModel}' in {wins}; to learn when, rows of both kinds are needed.", nameof(rows));
    }

    /// <summary>Gives the rows with scores of both models.</summary>
    public IEnumerable<int> RowsOfPair(int strong, int weak) =>
        Enumerable.Range(0, weights.Length).Where(row => !double.IsNaN(targets[strong][row]) && !double.IsNaN(targets[weak][row]));

    /// <summary>Gives 1 if the strong model's score is clearly above the weak one's, else 0.</summary>
    public double Win(int strong, int weak, int row, double margin) => targets[strong][row] - targets[weak][row] > margin ? 1 : 0;
}
