namespace RouteLLM.Evaluation;

/// <summary>The mean of values drawn with replacement.</summary>
internal static class WeightedMean
{
    /// <summary>Computes the mean of values, given how often each was drawn.</summary>
    public static double Of(ReadOnlySpan<double> values, ReadOnlySpan<int> counts)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            sum += counts[i] * values[i];
        }

        return sum / values.Length;
    }
}
