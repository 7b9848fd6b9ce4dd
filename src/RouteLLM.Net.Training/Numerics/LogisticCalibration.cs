namespace RouteLLM.Training;

/// <summary>Turns logits into calibrated probabilities by a slope and an intercept (Platt, "Probabilistic Outputs for Support Vector Machines", 1999).</summary>
internal readonly record struct LogisticCalibration(double Slope, double Intercept)
{
    // A little ridge towards (1, 0) keeps the system solvable when all logits are equal or the targets are separable.
    private const double Ridge = 1e-3;

    /// <summary>Fits slope and intercept by Newton's method, with step halving, on the cross-entropy between targets, which may be soft, and probabilities.</summary>
    public static LogisticCalibration Fit(ReadOnlySpan<double> logits, ReadOnlySpan<(double Probability, double Weight)> targets)
    {
        // A slope that is not positive would turn the order round; this happens only where there is nothing to learn, and then the logits stay as they are.
        double slope = 1, intercept = 0, objective = Objective(1, 0, logits, targets);
        for (int iteration = 0; iteration < 50; iteration++)
        {
            double g0 = Ridge * (slope - 1), g1 = Ridge * intercept, h00 = Ridge, h01 = 0, h11 = Ridge;
            for (int i = 0; i < logits.Length; i++)
            {
                double p = 1 / (1 + Math.Exp(-((slope * logits[i]) + intercept)));
                double error = targets[i].Weight * (p - targets[i].Probability);
                double curvature = targets[i].Weight * p * (1 - p);
                g0 += error * logits[i];
                g1 += error;
                h00 += curvature * logits[i] * logits[i];
                h01 += curvature * logits[i];
                h11 += curvature;
            }

            double determinant = (h00 * h11) - (h01 * h01);
            double slopeStep = ((h11 * g0) - (h01 * g1)) / determinant;
            double interceptStep = ((h00 * g1) - (h01 * g0)) / determinant;

            // Far from the minimum a full step may overshoot, and the next one more.
            double size = 1, next;
            while (!((next = Objective(slope - (size * slopeStep), intercept - (size * interceptStep), logits, targets)) <= objective + (1e-9 * Math.Abs(objective))) && size > 1e-9)
            {
                size /= 2;
            }

            slope -= size * slopeStep;
            intercept -= size * interceptStep;
            objective = next;
            if (Math.Abs(slopeStep) + Math.Abs(interceptStep) < 1e-10)
            {
                break;
            }
        }

        return slope > 0 && double.IsFinite(slope + intercept) ? new(slope, intercept) : new(1, 0);
    }

    /// <summary>Gives the calibrated probability of a logit.</summary>
    public double Apply(double logit) => 1 / (1 + Math.Exp(-((Slope * logit) + Intercept)));

    private static double Objective(double slope, double intercept, ReadOnlySpan<double> logits, ReadOnlySpan<(double Probability, double Weight)> targets)
    {
        double objective = 0.5 * Ridge * (((slope - 1) * (slope - 1)) + (intercept * intercept));
        for (int i = 0; i < logits.Length; i++)
        {
            double logit = (slope * logits[i]) + intercept;
            objective += targets[i].Weight * (Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit))) - (targets[i].Probability * logit));
        }

        return objective;
    }
}
