using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.Clusters;

/// <summary>Rows whose embeddings lie around a few centres; what is best depends on the centre in a way that no single linear classifier can tell.</summary>
internal static class PlantedClusters
{
    public static readonly string[] Models = ["a", "b", "c"];

    /// <summary>Makes rows in clusters at the centres of a simplex, each with a sign of its own for one further component: in clusters of even number it speaks for a, in others for b, and c is worst.</summary>
    public static (EvaluationRow[] Rows, ReadOnlyMemory<float>[] Embeddings) Create(int clusters, int rowsOfEach, int seed = 1, double spread = 0.1)
    {
        var random = new Random(seed);
        var rows = new List<EvaluationRow>();
        var embeddings = new List<ReadOnlyMemory<float>>();
        for (int i = 0; i < clusters * rowsOfEach; i++)
        {
            int cluster = i % clusters;
            var embedding = new float[clusters + 1];
            for (int j = 0; j < embedding.Length; j++)
            {
                embedding[j] = (float)(spread * Gaussian(random)) + (j == cluster ? 1 : 0);
            }

            bool positive = random.Next(2) == 0;
            embedding[^1] = positive ? 0.15f : -0.15f;
            bool aIsBest = positive == (cluster % 2 == 0);
            rows.Add(Row(i, aIsBest ? 0.9 : 0.2, aIsBest ? 0.2 : 0.9, 0.1));
            embeddings.Add(embedding);
        }

        return ([.. rows], [.. embeddings]);
    }

    public static EvaluationRow Row(int number, params double[] scores) => new()
    {
        Id = $"row-{number}",
        Source = "planted",
        Split = "train",
        Prompt = $"prompt {number}",
        Scores = Models.Zip(scores).ToDictionary(static pair => pair.First, static pair => pair.Second),
    };

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
