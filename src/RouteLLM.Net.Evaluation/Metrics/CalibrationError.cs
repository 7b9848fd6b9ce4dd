namespace RouteLLM.Evaluation;

/// <summary>How far predicted probabilities are from what happens.</summary>
public static class CalibrationError
{
    /// <summary>
    /// Computes the expected calibration error: predictions are put into bins of equal width, and the distance between mean prediction and mean outcome
    /// is averaged over the bins, weighted by how many predictions each holds (Naeini et al., 2015).
    /// </summary>
    /// <param name="probabilities">The predicted probabilities, n values in [0, 1].</param>
    /// <param name="outcomes">What happened: n values in [0, 1], 1 for a win and 0 for none, or a rated probability.</param>
    /// <param name="bins">How many bins, at least 1; 10 by default.</param>
    /// <returns>The error, in [0, 1]; NaN if there are no predictions.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a probability or outcome is not in [0, 1].</exception>
    public static double Expected(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, int bins = 10)
    {
        double error = 0;
        foreach (CalibrationBin bin in Bins(probabilities, outcomes, bins))
        {
            error += bin.Count == 0 ? 0 : bin.Count * Math.Abs(bin.MeanPrediction - bin.MeanOutcome);
        }

        return error / probabilities.Length;
    }

    /// <summary>Sorts predictions into bins of equal width, for a reliability diagram.</summary>
    /// <param name="probabilities">The predicted probabilities, n values in [0, 1].</param>
    /// <param name="outcomes">What happened: n values in [0, 1].</param>
    /// <param name="bins">How many bins, at least 1; 10 by default. A prediction of 1 belongs to the last.</param>
    /// <returns>The bins, from the lowest predictions to the highest; empty ones are among them.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or a probability or outcome is not in [0, 1].</exception>
    public static IReadOnlyList<CalibrationBin> Bins(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (probabilities.Length != outcomes.Length)
        {
            throw new ArgumentException($"There must be one outcome a probability; got {probabilities.Length} and {outcomes.Length}.", nameof(outcomes));
        }

        var sums = new (int Count, double Prediction, double Outcome)[bins];
        for (int i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] is not (>= 0 and <= 1))
            {
                throw new ArgumentException($"Probability {i} is {probabilities[i]}; expected a value in [0, 1].", nameof(probabilities));
            }

            if (outcomes[i] is not (>= 0 and <= 1))
            {
                throw new ArgumentException($"Outcome {i} is {outcomes[i]}; expected a value in [0, 1].", nameof(outcomes));
            }

            ref (int Count, double Prediction, double Outcome) sum = ref sums[Math.Min((int)(probabilities[i] * bins), bins - 1)];
            sum = (sum.Count + 1, sum.Prediction + probabilities[i], sum.Outcome + outcomes[i]);
        }

        return [.. sums.Select((sum, i) => new CalibrationBin((double)i / bins, (i + 1.0) / bins, sum.Count, sum.Prediction / sum.Count, sum.Outcome / sum.Count))];
    }
}
