namespace RouteLLM.Training;

/// <summary>Calibrates each expert of a mixture by a slope and an intercept of its own, under the gate as it is (Platt scaling; Platt, 1999).</summary>
/// <param name="Traffic">The calibration of the traffic expert's logit.</param>
/// <param name="Benchmark">The calibration of the benchmark expert's logit.</param>
internal readonly record struct MixtureCalibration(LogisticCalibration Traffic, LogisticCalibration Benchmark)
{
    // Four numbers for thousands of rows; this only keeps the system solvable where an expert has no rows.
    private const double Ridge = 1;

    /// <summary>Gives the calibrated logit.</summary>
    public double Apply(in MixtureLogits logits) =>
        (logits.Gate * ((Traffic.Slope * logits.Traffic) + Traffic.Intercept)) + ((1 - logits.Gate) * ((Benchmark.Slope * logits.Benchmark) + Benchmark.Intercept));

    /// <summary>Fits the calibration by Newton's method on the cross-entropy between targets, which may be soft, and probabilities; it is drawn to slopes of 1 and intercepts of 0.</summary>
    public static MixtureCalibration Fit(ReadOnlySpan<MixtureLogits> logits, ReadOnlySpan<(double Probability, double Weight)> targets)
    {
        const int Size = 4;
        double[] prior = [1, 0, 1, 0];
        double[] coefficients = [.. prior];
        Span<double> x = stackalloc double[Size];
        for (int iteration = 0; iteration < 50; iteration++)
        {
            var gradient = new double[Size];
            var hessian = new double[Size, Size];
            for (int k = 0; k < Size; k++)
            {
                gradient[k] = Ridge * (coefficients[k] - prior[k]);
                hessian[k, k] = Ridge;
            }

            for (int i = 0; i < logits.Length; i++)
            {
                MixtureLogits row = logits[i];
                (x[0], x[1], x[2], x[3]) = (row.Gate * row.Traffic, row.Gate, (1 - row.Gate) * row.Benchmark, 1 - row.Gate);
                double logit = 0;
                for (int k = 0; k < Size; k++)
                {
                    logit += coefficients[k] * x[k];
                }

                double p = MixtureRouter.Sigmoid(logit);
                double error = targets[i].Weight * (p - targets[i].Probability);
                double curvature = targets[i].Weight * p * (1 - p);
                for (int k = 0; k < Size; k++)
                {
                    gradient[k] += error * x[k];
                    for (int l = 0; l < Size; l++)
                    {
                        hessian[k, l] += curvature * x[k] * x[l];
                    }
                }
            }

            double[] step = Solve(hessian, gradient);
            double moved = 0;
            for (int k = 0; k < Size; k++)
            {
                coefficients[k] -= step[k];
                moved += Math.Abs(step[k]);
            }

            if (moved < 1e-10)
            {
                break;
            }
        }

        // A slope that is not positive would turn the order round; this happens only where there is nothing to learn, and then the logits stay as they are.
        return new(Sane(coefficients[0], coefficients[1]), Sane(coefficients[2], coefficients[3]));
    }

    private static LogisticCalibration Sane(double slope, double intercept) => slope > 0 && double.IsFinite(slope + intercept) ? new(slope, intercept) : new(1, 0);

    /// <summary>Solves a small, positive definite system by elimination.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        int n = right.Length;
        double[] solution = [.. right];
        for (int k = 0; k < n; k++)
        {
            for (int i = k + 1; i < n; i++)
            {
                double factor = matrix[i, k] / matrix[k, k];
                for (int j = k; j < n; j++)
                {
                    matrix[i, j] -= factor * matrix[k, j];
                }

                solution[i] -= factor * solution[k];
            }
        }

        for (int k = n - 1; k >= 0; k--)
        {
            for (int j = k + 1; j < n; j++)
            {
                solution[k] -= matrix[k, j] * solution[j];
            }

            solution[k] /= matrix[k, k];
        }

        return solution;
    }
}
