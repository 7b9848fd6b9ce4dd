namespace RouteLLM.Training;

/// <summary>Fits a logistic regression on the logits of routers, by Newton's method with step halving.</summary>
/// <remarks>
/// It starts at the best router alone, and the ridge is the distance from there: since every step lowers the objective, and the penalty of the start is 0, the loss ends at or below that of the best router.
/// </remarks>
internal sealed class LogisticStacking(MixtureTrainingData data, double penalty)
{
    // The bias is not shrunk, but with separable labels something must hold it.
    private const double BiasPenalty = 1e-3;

    private readonly int _count = data.Logits.Length + 1;

    /// <summary>Fits the weights and, last, the bias.</summary>
    /// <param name="rows">The rows to fit on.</param>
    /// <param name="cancellationToken">Cancels the fit.</param>
    public double[] Fit(int[] rows, CancellationToken cancellationToken)
    {
        var start = new double[_count];
        start[BestRouter(rows)] = 1;
        var parameters = (double[])start.Clone();
        var gradient = new double[_count];
        var hessian = new double[_count, _count];
        double objective = Objective(parameters, start, rows);
        for (int iteration = 0; iteration < 100; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Differentiate(parameters, start, rows, gradient, hessian);
            double[] step = Solve(hessian, gradient);
            double[] next = parameters;
            double lower = objective;
            for (double size = 1; size > 1e-6 && !(lower < objective); size /= 2)
            {
                next = [.. parameters.Select((parameter, j) => parameter - (size * step[j]))];
                lower = Objective(next, start, rows);
            }

            if (!(lower < objective))
            {
                break;
            }

            (parameters, objective) = (next, lower);
        }

        return parameters;
    }

    private int BestRouter(int[] rows)
    {
        double[] losses = [.. data.Logits.Select(logits => rows.Sum(i => data.Weights[i] * data.CrossEntropy(i, logits[i])))];
        return Array.IndexOf(losses, losses.Min());
    }

    private double PenaltyOf(int parameter) => parameter == _count - 1 ? BiasPenalty : penalty;

    private double Objective(double[] parameters, double[] start, int[] rows)
    {
        double objective = 0;
        foreach (int i in rows)
        {
            objective += data.Weights[i] * data.CrossEntropy(i, data.Logit(parameters, i));
        }

        for (int j = 0; j < _count; j++)
        {
            objective += 0.5 * PenaltyOf(j) * Math.Pow(parameters[j] - start[j], 2);
        }

        return objective;
    }

    private void Differentiate(double[] parameters, double[] start, int[] rows, double[] gradient, double[,] hessian)
    {
        Array.Clear(hessian);
        for (int j = 0; j < _count; j++)
        {
            gradient[j] = PenaltyOf(j) * (parameters[j] - start[j]);
            hessian[j, j] = PenaltyOf(j);
        }

        foreach (int i in rows)
        {
            double p = MixtureRouter.Sigmoid(data.Logit(parameters, i));
            double error = data.Weights[i] * (p - data.Labels[i]), curvature = data.Weights[i] * p * (1 - p);
            for (int j = 0; j < _count; j++)
            {
                double x = Feature(j, i);
                gradient[j] += error * x;
                for (int k = 0; k <= j; k++)
                {
                    hessian[j, k] += curvature * x * Feature(k, i);
                }
            }
        }
    }

    private double Feature(int parameter, int row) => parameter == _count - 1 ? 1 : data.Logits[parameter][row];

    /// <summary>Solves a positive definite system, of which the lower triangle is given and overwritten, by Cholesky factorisation.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        int n = right.Length;
        var solution = (double[])right.Clone();
        for (int j = 0; j < n; j++)
        {
            for (int i = j; i < n; i++)
            {
                for (int k = 0; k < j; k++)
                {
                    matrix[i, j] -= matrix[i, k] * matrix[j, k];
                }

                matrix[i, j] = i == j ? Math.Sqrt(matrix[j, j]) : matrix[i, j] / matrix[j, j];
            }

            for (int k = 0; k < j; k++)
            {
                solution[j] -= matrix[j, k] * solution[k];
            }

            solution[j] /= matrix[j, j];
        }

        for (int j = n - 1; j >= 0; j--)
        {
            for (int k = j + 1; k < n; k++)
            {
                solution[j] -= matrix[k, j] * solution[k];
            }

            solution[j] /= matrix[j, j];
        }

        return solution;
    }
}
