using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace RouteLLM.Training;

/// <summary>K-means, by Microsoft.ML.</summary>
/// <remarks>
/// On one thread and with a seed it gives the same centroids to the last bit each time. Its other trainers are not used: those for multinomial logistic regression neither take distributions as labels, but by repeating every row for every class,
/// nor shrink towards anything but 0, as the classifiers of clusters are shrunk towards the global one.
/// </remarks>
internal static class KMeansClustering
{
    // Each run ends in a local minimum; the best of a few hardly ever merges two clusters that lie apart.
    private const int Runs = 3;

    /// <summary>Finds centroids.</summary>
    /// <param name="points">The points, all of the same number of dimensions.</param>
    /// <param name="clusters">The number of clusters; fewer are found if there are not as many different points.</param>
    /// <param name="seed">The seed of the first centroids (k-means++: Arthur and Vassilvitskii, 2007).</param>
    /// <returns>The centroids, <c>[clusters, dimensions]</c> in C order.</returns>
    public static float[] Fit(IReadOnlyList<ReadOnlyMemory<float>> points, int clusters, int seed)
    {
        int dimensions = points[0].Length;
        ReadOnlyMemory<float>[] different = [.. points.Distinct(SameNumbers.Instance).Take(clusters)];
        if (different.Length < clusters)
        {
            return [.. different.SelectMany(static point => point.ToArray())];
        }

        SchemaDefinition schema = SchemaDefinition.Create(typeof(Point));
        schema[nameof(Point.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, dimensions);
        Point[] copies = [.. points.Select(static point => new Point { Features = point.ToArray() })];
        return Enumerable.Range(0, Runs).Select(run => Run(copies, schema, clusters, unchecked((seed * Runs) + run))).MinBy(centroids => SumOfSquares(copies, centroids, dimensions))!;
    }

    /// <summary>Counts different points, up to a number.</summary>
    public static int CountDifferent(IEnumerable<ReadOnlyMemory<float>> points, int enough) => points.Distinct(SameNumbers.Instance).Take(enough).Count();

    private static float[] Run(Point[] points, SchemaDefinition schema, int clusters, int seed)
    {
        var context = new MLContext(seed);
        IDataView data = context.Data.LoadFromEnumerable(points, schema);
        KMeansModelParameters model = context.Clustering.Trainers.KMeans(new KMeansTrainer.Options
        {
            FeatureColumnName = nameof(Point.Features),
            NumberOfClusters = clusters,
            NumberOfThreads = 1,
            InitializationAlgorithm = KMeansTrainer.InitializationAlgorithm.KMeansPlusPlus,
        }).Fit(data).Model;

        VBuffer<float>[] centroids = [];
        model.GetClusterCentroids(ref centroids, out _);
        return [.. centroids.SelectMany(static centroid => centroid.DenseValues())];
    }

    private static double SumOfSquares(Point[] points, float[] centroids, int dimensions)
    {
        double sum = 0;
        foreach (Point point in points)
        {
            float nearest = float.PositiveInfinity;
            for (int start = 0; start < centroids.Length; start += dimensions)
            {
                nearest = Math.Min(nearest, TensorPrimitives.Distance(point.Features, centroids.AsSpan(start, dimensions)));
            }

            sum += (double)nearest * nearest;
        }

        return sum;
    }

    private sealed class Point
    {
        public float[] Features { get; set; } = [];
    }

    private sealed class SameNumbers : IEqualityComparer<ReadOnlyMemory<float>>
    {
        public static readonly SameNumbers Instance = new();

        public bool Equals(ReadOnlyMemory<float> x, ReadOnlyMemory<float> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<float> obj)
        {
            var hash = new HashCode();
            hash.AddBytes(MemoryMarshal.AsBytes(obj.Span));
            return hash.ToHashCode();
        }
    }
}
