namespace RouteLLM;

/// <summary>What must hold of the parts of a <see cref="ClusteredModel"/>.</summary>
internal static class ClusteredModelChecks
{
    /// <summary>Gives the number of dimensions and of classifiers, once the arrays fit together.</summary>
    public static (int Dimensions, int Classifiers) Shapes(string[] models, float[] centroids, int[] clusterRows, int[] classifierOfCluster, float[] weights, float[] biases)
    {
        MatrixFactorizationChecks.Models(models);
        int clusters = clusterRows.Length;
        if (clusters == 0 || classifierOfCluster.Length != clusters)
        {
            throw new ArgumentException($"There are counts of {clusters} clusters and classifiers of {classifierOfCluster.Length}; expected the same number, at least 1.", nameof(classifierOfCluster));
        }

        if (clusterRows.Any(static rows => rows < 0) || clusterRows.Sum(static rows => (long)rows) == 0)
        {
            throw new ArgumentException($"The clusters have {string.Join(", ", clusterRows)} rows; expected counts of at least 0, not all 0.", nameof(clusterRows));
        }

        int dimensions = MatrixFactorizationChecks.Columns(centroids, clusters, nameof(centroids));
        int classifiers = biases.Length / models.Length;
        if (classifiers == 0 || biases.Length != classifiers * models.Length || weights.LongLength != (long)biases.Length * dimensions)
        {
            throw new ArgumentException($"There are {weights.Length} weights and {biases.Length} biases; for {models.Length} models and {dimensions} dimensions each classifier has {models.Length * (long)dimensions} and {models.Length}.", nameof(weights));
        }

        if (Array.Find(classifierOfCluster, classifier => classifier < 0 || classifier >= classifiers) is var wrong and not 0)
        {
            throw new ArgumentException($"A cluster has the classifier {wrong}, but there are {classifiers}, numbered from 0.", nameof(classifierOfCluster));
        }

        MatrixFactorizationChecks.Finite(centroids, nameof(centroids));
        MatrixFactorizationChecks.Finite(weights, nameof(weights));
        MatrixFactorizationChecks.Finite(biases, nameof(biases));
        return (dimensions, classifiers);
    }

    public static void Info(ClusteredModelInfo info, string[] models)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(info.Name, nameof(info));
        if (info.CalibrationSlope is not (> 0 and < double.PositiveInfinity) || !double.IsFinite(info.CalibrationIntercept))
        {
            throw new ArgumentException(FormattableString.Invariant($"The calibration has the slope {info.CalibrationSlope} and the intercept {info.CalibrationIntercept}; expected finite numbers, the slope above 0."), nameof(info));
        }

        if (info is { StrongModel: null, WeakModel: null })
        {
            return;
        }

        if (info.StrongModel == info.WeakModel || !models.Contains(info.StrongModel) || !models.Contains(info.WeakModel))
        {
            throw new ArgumentException($"The default pair is '{info.StrongModel}' and '{info.WeakModel}'; expected two different ones of the models: {string.Join(", ", models)}.", nameof(info));
        }
    }
}
