namespace RouteLLM.Training;

/// <summary>The rows of an adaptation, as what the router makes of them, and the fit of its correction.</summary>
/// <remarks>
/// The prior is the router itself: Gaussian around its own coefficients, which makes a ridge on the distance from there (maximum a posteriori; Chelba and Acero, "Adaptation of Maximum Entropy Capitalizer", 2006).
/// The loss is the cross-entropy with labels that may be probabilities. It is convex.
/// </remarks>
internal sealed class AdaptationProblem(AdaptationFeatures features, RouterSignals signals, double[] labels, double[] weights)
{
    private const int MaxIterations = 200;
    private const double Tolerance = 1e-6;

    public double[] Labels => labels;

    public double[] Weights => weights;

    /// <summary>Gets the router as it was.</summary>
    public AdaptationFit Original { get; } = new(signals.Prior, []);

    /// <summary>Fits to some of the rows.</summary>
    public AdaptationFit Fit(IReadOnlyList<int> rows, AdaptationPenalty penalty, CancellationToken cancellationToken)
    {
        if (double.IsPositiveInfinity(penalty.Calibration) && double.IsPositiveInfinity(penalty.Features))
        {
            return Original;
        }

        int calibrations = signals.Prior.Length;
        int corrections = double.IsPositiveInfinity(penalty.Features) ? 0 : features.Buckets.Length;

        // The point is the distance from the prior, so that it starts, and stays without rows, at zero.
        var point = new float[calibrations + corrections];
        var calibration = new double[calibrations];
        LimitedMemoryBfgs.Minimize(Evaluate, point, MaxIterations, Tolerance, cancellationToken);
        return new AdaptationFit([.. signals.Prior.Select((prior, j) => prior + point[j])], point[calibrations..]);

        double Evaluate(float[] at, float[] gradient)
        {
            double value = 0;
            Array.Clear(gradient);
            Span<double> slopes = stackalloc double[calibrations];
            slopes.Clear();
            for (int j = 0; j < calibrations; j++)
            {
                calibration[j] = signals.Prior[j] + at[j];
                double ridge = penalty.Calibration * signals.Penalties[j];
                value += 0.5 * ridge * at[j] * at[j];
                slopes[j] = ridge * at[j];
            }

            ReadOnlySpan<float> correction = at.AsSpan(calibrations);
            Span<float> correctionGradient = gradient.AsSpan(calibrations);
            for (int k = 0; k < correction.Length; k++)
            {
                value += 0.5 * penalty.Features * correction[k] * correction[k];
                correctionGradient[k] = (float)(penalty.Features * correction[k]);
            }

            foreach (int row in rows)
            {
                double logit = Dot(signals.Of(row), calibration) + (correction.IsEmpty ? 0 : features.Dot(row, correction));
                value += weights[row] * CrossEntropy(labels[row], logit);
                double error = weights[row] * (MixtureRouter.Sigmoid(logit) - labels[row]);
                ReadOnlySpan<double> signal = signals.Of(row);
                for (int j = 0; j < calibrations; j++)
                {
                    slopes[j] += error * signal[j];
                }

                if (!correction.IsEmpty)
                {
                    features.AddTo(row, error, correctionGradient);
                }
            }

            for (int j = 0; j < calibrations; j++)
            {
                gradient[j] = (float)slopes[j];
            }

            return value;
        }
    }

    /// <summary>Gives the logit of a row under a fit.</summary>
    public double Logit(AdaptationFit fit, int row) =>
        Dot(signals.Of(row), fit.Calibration) + (fit.Corrections.Length == 0 ? 0 : features.Dot(row, fit.Corrections));

    /// <summary>Gives the cross-entropy of a row's label and a logit, in nats.</summary>
    public double Loss(int row, double logit) => CrossEntropy(labels[row], logit);

    private static double CrossEntropy(double label, double logit) => Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit))) - (label * logit);

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int j = 0; j < x.Length; j++)
        {
            sum += x[j] * y[j];
        }

        return sum;
    }
}
