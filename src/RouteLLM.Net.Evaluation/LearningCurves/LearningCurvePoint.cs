namespace RouteLLM.Evaluation;

/// <summary>The quality reached with one number of labels, over several repetitions.</summary>
/// <param name="Labels">The number of labels; 0 for what was there before any.</param>
/// <param name="Qualities">The quality of each repetition; NaN where it is not defined, as with held-back rows that are all alike.</param>
/// <param name="Mean">The mean over the repetitions.</param>
/// <param name="Interval">A 95% interval of the mean (Student's t): how far the choice of labels and of held-back rows moves it. That the data are a sample themselves is not in it.</param>
public sealed record LearningCurvePoint(int Labels, IReadOnlyList<double> Qualities, double Mean, BootstrapInterval Interval)
{
    internal static LearningCurvePoint Create(int labels, double[] qualities)
    {
        double[] defined = [.. qualities.Where(static quality => !double.IsNaN(quality))];
        if (defined.Length == 0)
        {
            throw new InvalidOperationException($"With {labels} labels the quality was NaN in all {qualities.Length} repetitions; hold back more rows, or rows that differ in what is measured.");
        }

        double mean = defined.Average();
        double halfWidth = StudentQuantile(defined.Length - 1) * StandardError(defined, mean);
        return new LearningCurvePoint(labels, qualities, mean, new BootstrapInterval(mean - halfWidth, mean + halfWidth));
    }

    private static double StandardError(double[] values, double mean) =>
        values.Length < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1) / values.Length);

    /// <summary>The 97.5% quantile of Student's distribution, by the expansion of Cornish and Fisher: within 2% from three degrees of freedom on.</summary>
    private static double StudentQuantile(int degrees)
    {
        const double Z = 1.959964;
        return degrees switch
        {
            0 => 0,
            1 => 12.706,
            2 => 4.303,
            _ => Z + (((Z * Z * Z) + Z) / (4 * degrees)) + (((5 * Math.Pow(Z, 5)) + (16 * Z * Z * Z) + (3 * Z)) / (96.0 * degrees * degrees)),
        };
    }
}
