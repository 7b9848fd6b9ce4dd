namespace RouteLLM.Training;

/// <summary>Fits clusters and classifiers on some of the rows.</summary>
internal sealed class ClusteredFitter(ClusteredProblem problem, ClusteredModelTrainingOptions options)
{
    private readonly int _models = problem.Models.Length;
    private readonly int _dimensions = problem.Embeddings[0].Length;

    /// <summary>Fits a model.</summary>
    /// <param name="rows">The rows to fit on, at least one.</param>
    /// <param name="clusters">The number of clusters; fewer are made if the rows have fewer different embeddings.</param>
    /// <param name="cancellationToken">Cancels the fit.</param>
    public ClusteredModel Fit(int[] rows, int clusters, CancellationToken cancellationToken)
    {
        float[] centroids = KMeansClustering.Fit([.. rows.Select(row => problem.Embeddings[row])], clusters, options.Seed);
        clusters = centroids.Length / _dimensions;
        cancellationToken.ThrowIfCancellationRequested();
        var nearest = Assign(centroids, [.. rows.Select(row => problem.Embeddings[row])]);
        float[] global = Classify(rows, new float[_models * (_dimensions + 1)], options.GlobalPenalty, cancellationToken);

        var classifiers = new List<float[]> { global };
        var clusterRows = new int[clusters];
        var classifierOfCluster = new int[clusters];
        for (int cluster = 0; cluster < clusters; cluster++)
        {
            int[] members = [.. rows.Where((_, i) => nearest[i] == cluster)];
            clusterRows[cluster] = members.Length;
            if (IsEnough(members))
            {
                classifierOfCluster[cluster] = classifiers.Count;
                classifiers.Add(Classify(members, global, options.ClusterPenalty, cancellationToken));
            }
        }

        int weights = _models * _dimensions;
        return new ClusteredModel(
            problem.Models,
            centroids,
            clusterRows,
            classifierOfCluster,
            classifiers.SelectMany(classifier => classifier.Take(weights)).ToArray(),
            classifiers.SelectMany(classifier => classifier.Skip(weights)).ToArray());
    }

    /// <summary>Gives the nearest centroid of each point, as the model itself finds it.</summary>
    public static int[] Assign(float[] centroids, IReadOnlyList<ReadOnlyMemory<float>> points)
    {
        int clusters = centroids.Length / points[0].Length;
        var model = new ClusteredModel(["a", "b"], centroids, [.. Enumerable.Repeat(1, clusters)], new int[clusters], new float[2 * points[0].Length], new float[2]);
        return [.. points.Select(point => model.AssignCluster(point.Span))];
    }

    private bool IsEnough(int[] members) =>
        members.Length >= options.MinimumClusterRows && members.Select(row => problem.Best[row]).Distinct().Count() >= options.MinimumClassCoverage * _models;

    private float[] Classify(int[] rows, float[] center, double penalty, CancellationToken cancellationToken) =>
        new SoftmaxObjective(problem.Embeddings, problem.Labels, rows, center, _models, penalty).Minimize(options.MaxIterations, options.Tolerance, cancellationToken);
}
