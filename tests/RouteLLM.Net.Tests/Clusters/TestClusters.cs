using RouteLLM.Tests.Embeddings;

namespace RouteLLM.Tests.Clusters;

/// <summary>A model of three clusters, on the axes, and three models; the last cluster has no classifier of its own.</summary>
internal static class TestClusters
{
    public static readonly string[] Models = ["a", "b", "c"];
    public static readonly float[] Centroids = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    public static readonly int[] Rows = [50, 30, 20];
    public static readonly int[] Classifiers = [1, 2, 0];

    // Classifier 0 is the global one; 1 and 2 are those of the first two clusters.
    public static readonly float[] Weights = [.. Enumerable.Range(0, 27).Select(static i => ((i * 7 % 11) - 5) / 4f)];
    public static readonly float[] Biases = [0.5f, -0.5f, 0, 1, 0, -1, 0, 2, 0];

    public static ClusteredModel Create(ClusteredModelInfo? info = null) => new(Models, Centroids, Rows, Classifiers, Weights, Biases, info ?? Info());

    public static ClusteredModelInfo Info() => new()
    {
        Name = "test",
        StrongModel = "a",
        WeakModel = "b",
        CalibrationSlope = 2,
        CalibrationIntercept = -0.25,
        Embedder = "axes/3",
        Quantiles = new ScoreQuantiles([0, 0.25, 0.5, 1]),
        Metadata = new Dictionary<string, string> { ["data"] = "made up" },
    };

    /// <summary>Embeds a text near the axis that its first letter names: x, y or z.</summary>
    public static TestEmbeddingGenerator Embedder() => new(Embed, "axes", 3);

    public static float[] Embed(string text)
    {
        float[] vector = [0.1f, 0.2f, 0.3f];
        vector[text[0] - 'x'] = 0.9f;
        return vector;
    }

    /// <summary>Gives the logits of a classifier, computed the long way.</summary>
    public static double[] Logits(int classifier, float[] embedding) =>
        [.. Enumerable.Range(0, 3).Select(m => Biases[(classifier * 3) + m] + Enumerable.Range(0, 3).Sum(j => (double)Weights[(((classifier * 3) + m) * 3) + j] * embedding[j]))];
}
