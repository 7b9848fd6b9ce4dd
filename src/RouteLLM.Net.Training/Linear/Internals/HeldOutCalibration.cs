namespace RouteLLM.Training;

/// <summary>Calibrates outputs of any scale on rows held out.</summary>
internal static class HeldOutCalibration
{
    // Where outputs say nothing of the labels, their order is kept and next to no use is made of it.
    private const double FlatSlope = 1e-3;

    /// <summary>Fits slope and intercept of a logistic function of the outputs; the slope is positive.</summary>
    public static LogisticCalibration Fit(ReadOnlySpan<double> outputs, ReadOnlySpan<(double Probability, double Weight)> targets)
    {
        double weight = 0, mean = 0, wins = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            weight += targets[i].Weight;
            mean += targets[i].Weight * outputs[i];
            wins += targets[i].Weight * targets[i].Probability;
        }

        if (weight == 0)
        {
            return new(FlatSlope, 0);
        }

        mean /= weight;
        double variance = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            variance += targets[i].Weight * (outputs[i] - mean) * (outputs[i] - mean) / weight;
        }

        double deviation = variance > 1e-20 ? Math.Sqrt(variance) : 1;
        var standard = new double[outputs.Length];
        for (int i = 0; i < standard.Length; i++)
        {
            standard[i] = (outputs[i] - mean) / deviation;
        }

        LogisticCalibration fit = LogisticCalibration.Fit(standard, targets);
        if (fit is { Slope: 1, Intercept: 0 })
        {
            double rate = Math.Clamp(wins / weight, 1e-4, 1 - 1e-4);
            fit = new(FlatSlope, Math.Log(rate / (1 - rate)));
        }

        return new(fit.Slope / deviation, fit.Intercept - (fit.Slope * mean / deviation));
    }
}
