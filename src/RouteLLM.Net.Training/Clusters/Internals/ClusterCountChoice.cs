namespace RouteLLM.Training;

/// <summary>Chooses the number of clusters by the mean silhouette on a sample of the rows.</summary>
internal static class ClusterCountChoice
{
    /// <summary>Tries every number from the smallest to the largest of the options and gives the one with the greatest mean silhouette; the smaller of equals.</summary>
    /// <param name="problem">The rows.</param>
    /// <param name="options">The numbers to try, the size of the sample and the seed.</param>
    /// <param name="silhouettes">Receives the mean silhouette of each number.</param>
    /// <param name="progress">Is told of progress.</param>
    /// <param name="parallel">How many numbers to try at once.</param>
    /// <exception cref="ArgumentException">There are too few different embeddings.</exception>
    public static int Choose(
        ClusteredProblem problem, ClusteredModelTrainingOptions options, IDictionary<int, double> silhouettes, IProgress<ClusteredTrainingProgress>? progress, ParallelOptions parallel)
    {
        int[] order = [.. Enumerable.Range(0, problem.Embeddings.Length)];
        new Random(options.Seed).Shuffle(order);
        ReadOnlyMemory<float>[] sample = [.. order.Take(options.SilhouetteSample).Select(row => problem.Embeddings[row])];

        // As many clusters as points would leave each alone.
        int most = Math.Min(options.MaxClusterCount, KMeansClustering.CountDifferent(sample, options.MaxClusterCount + 1) - 1);
        if (most < options.MinClusterCount)
        {
            throw new ArgumentException(
                $"The {sample.Length} rows have {most + 1} different embeddings, too few to choose among {options.MinClusterCount} to {options.MaxClusterCount} clusters. Give more rows, lower {nameof(options.MinClusterCount)}, or check the embedder.");
        }

        var silhouette = new Silhouette(sample, parallel);
        var means = new double[most - options.MinClusterCount + 1];
        int done = 0;
        Parallel.For(0, means.Length, parallel, i =>
        {
            int clusters = options.MinClusterCount + i;
            means[i] = silhouette.Mean(ClusteredFitter.Assign(KMeansClustering.Fit(sample, clusters, options.Seed), sample), clusters);
            progress?.Report(new ClusteredTrainingProgress(ClusteredTrainingStage.ChoosingClusterCount, Interlocked.Increment(ref done), means.Length));
        });
        for (int i = 0; i < means.Length; i++)
        {
            silhouettes[options.MinClusterCount + i] = means[i];
        }

        return options.MinClusterCount + Array.IndexOf(means, means.Max());
    }
}
