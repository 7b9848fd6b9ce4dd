using RouteLLM.Diagnostics;

namespace RouteLLM;

/// <summary>How the clusters of recent prompts compare with those of the training: what a <see cref="ClusterDriftMonitor"/> measured at one moment.</summary>
public sealed class ClusterDrift
{
    internal ClusterDrift(IReadOnlyList<int> trainingRows, int[] counts)
    {
        TrainingRows = trainingRows;
        Counts = counts;
        Count = counts.Sum();
        if (Count > 0)
        {
            Index = PopulationStabilityIndex.Compute([.. trainingRows.Select(static rows => (double)rows)], [.. counts.Select(static count => (double)count)]);
            SamplingLimit = PopulationStabilityIndex.SamplingLimit(trainingRows.Count(static rows => rows > 0), trainingRows.Sum(static rows => (long)rows), Count);
        }
    }

    /// <summary>Gets the number of recent requests.</summary>
    public int Count { get; }

    /// <summary>Gets how many of them each cluster has.</summary>
    public IReadOnlyList<int> Counts { get; }

    /// <summary>Gets how many prompts of the training each cluster has.</summary>
    public IReadOnlyList<int> TrainingRows { get; }

    /// <summary>Gets the <see cref="PopulationStabilityIndex"/>: by the rule of thumb nothing has moved below 0.1 and much has above 0.25. 0 without requests.</summary>
    public double Index { get; }

    /// <summary>Gets what the index stays below in about nineteen cases of twenty when nothing has moved, with so many requests and clusters. 0 without requests.</summary>
    public double SamplingLimit { get; }

    /// <summary>Gets a value indicating whether the index is above what chance explains. A large sample makes the smallest drift significant, so look at <see cref="Index"/> as well.</summary>
    public bool IsSignificant => Index > SamplingLimit;
}
