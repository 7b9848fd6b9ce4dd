namespace RouteLLM.Training;

/// <summary>What models that were fitted without a row say of it, gathered fold by fold.</summary>
internal sealed class HeldOutChoices(ClusteredProblem problem)
{
    private readonly int[] _clustered = new int[problem.Scores.Length];
    private readonly int[] _global = new int[problem.Scores.Length];
    private readonly int[] _single = new int[problem.Scores.Length];
    private readonly double[][] _logits = new double[problem.Scores.Length][];

    /// <summary>Takes what a model says of the rows it was fitted without. Different folds may be added at once.</summary>
    public void Add(ClusteredModel model, int[] fitted, int[] heldOut)
    {
        int models = problem.Models.Length;
        int single = ArgMax([.. Enumerable.Range(0, models).Select(m => fitted.Average(row => problem.Scores[row][m]))]);
        var global = new ClusteredModel(problem.Models, model.Centroids, [.. model.ClusterRows], new int[model.ClusterCount], model.Weights, model.Biases);
        foreach (int row in heldOut)
        {
            ReadOnlySpan<float> embedding = problem.Embeddings[row].Span;
            int cluster = model.AssignCluster(embedding);
            var logits = new double[models];
            var globalLogits = new double[models];
            for (int m = 0; m < models; m++)
            {
                logits[m] = model.Logit(cluster, m, embedding);
                globalLogits[m] = global.Logit(cluster, m, embedding);
            }

            _logits[row] = logits;
            _clustered[row] = ArgMax(logits);
            _global[row] = ArgMax(globalLogits);
            _single[row] = single;
        }
    }

    public ClusteredModelQuality Measure()
    {
        double[][] scores = problem.Scores;
        return new ClusteredModelQuality(
            Of(_clustered),
            Of(_global),
            Of(_single),
            new(scores.Average(static row => row.Average(score => score == row.Max() ? 1.0 : 0)), 1.0 / problem.Models.Length, scores.Average(static row => row.Average())),
            Of(problem.Best));

        ModelChoiceQuality Of(int[] choices) => new(
            scores.Select((row, i) => row[choices[i]] == row.Max() ? 1.0 : 0).Average(),
            choices.Zip(problem.Best, static (chosen, best) => chosen == best ? 1.0 : 0).Average(),
            scores.Select((row, i) => row[choices[i]]).Average());
    }

    /// <summary>Calibrates a pair's logits to the probability that the strong model scores higher, and gives the quantiles of what comes out.</summary>
    public (LogisticCalibration Calibration, ScoreQuantiles Quantiles) Calibrate(int strong, int weak)
    {
        double[] logits = [.. _logits.Select(row => row[strong] - row[weak])];
        LogisticCalibration calibration = LogisticCalibration.Fit(logits, [.. problem.Scores.Select(row => (row[strong] > row[weak] ? 1.0 : 0, 1.0))]);
        return (calibration, ScoreQuantiles.FromScores(logits.Select(calibration.Apply)));
    }

    private static int ArgMax(double[] values) => Array.IndexOf(values, values.Max());
}
