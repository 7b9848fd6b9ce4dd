using System.Numerics.Tensors;

namespace RouteLLM.Training;

/// <summary>How well points lie in their clusters: Rousseeuw, "Silhouettes: A Graphical Aid to the Interpretation and Validation of Cluster Analysis" (1987).</summary>
/// <remarks>The distances, <c>[points, points]</c>, are computed once, for any number of clusterings.</remarks>
internal sealed class Silhouette
{
    private readonly float[][] _distances;

    public Silhouette(IReadOnlyList<ReadOnlyMemory<float>> points, ParallelOptions parallel)
    {
        _distances = new float[points.Count][];
        Parallel.For(0, points.Count, parallel, i =>
        {
            var row = new float[points.Count];
            for (int j = 0; j < row.Length; j++)
            {
                row[j] = TensorPrimitives.Distance(points[i].Span, points[j].Span);
            }

            _distances[i] = row;
        });
    }

    /// <summary>Gives the mean over all points of (b - a) / max(a, b), a being the mean distance to the others of the point's cluster and b the least mean distance to those of another; 0 for a point alone in its cluster.</summary>
    /// <param name="clusterOf">The cluster of each point.</param>
    /// <param name="clusters">The number of clusters.</param>
    public double Mean(int[] clusterOf, int clusters)
    {
        var sizes = new int[clusters];
        foreach (int cluster in clusterOf)
        {
            sizes[cluster]++;
        }

        double total = 0;
        var sums = new double[clusters];
        for (int i = 0; i < clusterOf.Length; i++)
        {
            int own = clusterOf[i];
            if (sizes[own] == 1)
            {
                continue;
            }

            Array.Clear(sums);
            for (int j = 0; j < clusterOf.Length; j++)
            {
                sums[clusterOf[j]] += _distances[i][j];
            }

            double a = sums[own] / (sizes[own] - 1), b = double.PositiveInfinity;
            for (int cluster = 0; cluster < clusters; cluster++)
            {
                if (cluster != own && sizes[cluster] > 0)
                {
                    b = Math.Min(b, sums[cluster] / sizes[cluster]);
                }
            }

            total += double.IsPositiveInfinity(b) || Math.Max(a, b) == 0 ? 0 : (b - a) / Math.Max(a, b);
        }

        return total / clusterOf.Length;
    }
}
