namespace RouteLLM.Training;

/// <summary>Fits one linear function: by ridge regression, or by logistic regression.</summary>
internal static class LinearFit
{
    /// <summary>A trace of a penalty on the bias, in rows: it is free, but for what all labels being the same would make of it.</summary>
    public const double BiasPenalty = 1e-3;

    /// <summary>Minimises half the sum of squares and of the penalty, starting from and ending in <paramref name="parameters"/>.</summary>
    /// <param name="features">The features.</param>
    /// <param name="targets">The target of each row.</param>
    /// <param name="rowWeights">The weight of each row; 0 leaves it out.</param>
    /// <param name="penalty">The L2 penalty.</param>
    /// <param name="parameters">The weight of each column, then the bias.</param>
    /// <param name="options">When to stop.</param>
    /// <param name="cancellationToken">Cancels between iterations.</param>
    public static void Ridge(LinearFeatureMatrix features, double[] targets, double[] rowWeights, double penalty, double[] parameters, LinearTrainingOptions options, CancellationToken cancellationToken)
    {
        int bias = parameters.Length - 1;
        var right = new double[parameters.Length];
        for (int row = 0; row < targets.Length; row++)
        {
            if (rowWeights[row] > 0)
            {
                features.Add(row, rowWeights[row] * targets[row], right);
                right[bias] += rowWeights[row] * targets[row];
            }
        }

        ConjugateGradient.Solve(NormalEquations, right, parameters, options.MaxIterations, options.Tolerance, cancellationToken);

        void NormalEquations(double[] vector, double[] result)
        {
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = (i == bias ? BiasPenalty : penalty) * vector[i];
            }

            for (int row = 0; row < targets.Length; row++)
            {
                if (rowWeights[row] > 0)
                {
                    double fitted = rowWeights[row] * (features.Dot(row, vector) + vector[bias]);
                    features.Add(row, fitted, result);
                    result[bias] += fitted;
                }
            }
        }
    }

    /// <summary>Minimises the cross-entropy and half the penalty, starting from and ending in <paramref name="parameters"/>; see <see cref="Ridge"/>.</summary>
    public static void Logistic(LinearFeatureMatrix features, double[] targets, double[] rowWeights, double penalty, double[] parameters, LinearTrainingOptions options, CancellationToken cancellationToken)
    {
        float[] point = Array.ConvertAll(parameters, static value => (float)value);
        var objective = new LogisticObjective(features, targets, rowWeights, penalty);
        LimitedMemoryBfgs.Minimize(objective.Evaluate, point, options.MaxIterations, options.Tolerance, cancellationToken);
        for (int i = 0; i < point.Length; i++)
        {
            parameters[i] = point[i];
        }
    }
}
