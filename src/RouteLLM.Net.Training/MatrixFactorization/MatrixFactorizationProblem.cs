namespace RouteLLM.Training;

/// <summary>Fits one factorisation to the outcomes of some rows of a feature matrix.</summary>
/// <param name="features">The features, one row a prompt.</param>
/// <param name="outcomes">What each prompt tells; nothing for prompts that have no part in it.</param>
/// <param name="itemPrior">The vectors that the models start from, [models, dimensions]; those of the first two stay.</param>
/// <param name="penalties">The penalties.</param>
/// <param name="options">When to stop.</param>
internal sealed class MatrixFactorizationProblem(
    FeatureMatrix features, Outcome[][] outcomes, float[,] itemPrior, MatrixFactorizationPenalties penalties, HashedMatrixFactorizationTrainingOptions options)
{
    /// <summary>Tells whether a row has a part in this.</summary>
    public bool Uses(int row) => outcomes[row].Length > 0;

    /// <summary>Fits the model to the rows that are to be used.</summary>
    public MatrixFactorizationFit Fit(Func<int, bool> use, CancellationToken cancellationToken)
    {
        int[] rows = [.. Enumerable.Range(0, features.Rows).Where(row => Uses(row) && use(row))];
        int models = itemPrior.GetLength(0);
        int dimensions = itemPrior.GetLength(1);
        var objective = new MatrixFactorizationObjective(features, rows, outcomes, models, dimensions, [.. itemPrior.Cast<float>()], penalties);
        float[] parameters = objective.CreateStart();
        LimitedMemoryBfgs.Minimize(objective.Evaluate, parameters, options.MaxIterations, options.Tolerance, cancellationToken);
        return new MatrixFactorizationFit(
            dimensions,
            parameters[..objective.ItemsStart],
            parameters[objective.ItemsStart..objective.BiasStart],
            parameters[objective.BiasStart..objective.LogMarginIndex],
            Math.Exp(parameters[objective.LogMarginIndex]));
    }
}
