namespace RouteLLM.Training.Tests.DenseMatrixFactorization;

/// <summary>Battles drawn from a matrix factorisation that is known: embeddings of unit length, of which a few directions matter, and more to stronger models.</summary>
internal sealed class PlantedBattles
{
    private readonly double[] _biases;
    private readonly double[][] _strengths;
    private readonly double _margin;
    private readonly int _dimensions;

    public PlantedBattles(int count, int models = 2, int dimensions = 24, double margin = 0, double scale = 12, int seed = 1)
    {
        var random = new Random(seed);
        _margin = margin;
        _dimensions = dimensions;
        _biases = [.. Enumerable.Range(0, models).Select(m => 0.3 * (models - 1 - m))];
        _strengths = [.. Enumerable.Range(0, models).Select(_ => Enumerable.Range(0, dimensions).Select(j => j < 3 ? scale * (random.NextDouble() - 0.5) : 0).ToArray())];
        Embeddings = new float[count * dimensions];
        for (int i = 0; i < count; i++)
        {
            Span<float> embedding = Embeddings.AsSpan(i * dimensions, dimensions);
            foreach (ref float component in embedding)
            {
                component = (float)(random.NextDouble() + random.NextDouble() - 1);
            }

            float norm = MathF.Sqrt(embedding.ToArray().Sum(static x => x * x));
            foreach (ref float component in embedding)
            {
                component /= norm;
            }

            int first = random.Next(models), second = (first + 1 + random.Next(models - 1)) % models;
            double win = Win(i, first, second), defeat = Win(i, second, first), u = random.NextDouble();
            Prompts.Add(new TrainingPrompt($"prompt {i}", [new PairOutcome(Name(first), Name(second), u < win ? 1 : 0, u >= 1 - defeat ? 1 : 0)]));
        }
    }

    public float[] Embeddings { get; }

    public List<TrainingPrompt> Prompts { get; } = [];

    public static string Name(int model) => $"model{model}";

    public ReadOnlySpan<float> Embedding(int prompt) => Embeddings.AsSpan(prompt * _dimensions, _dimensions);

    /// <summary>Gives the true probability that the first model clearly wins.</summary>
    public double Win(int prompt, int first, int second)
    {
        double difference = _biases[first] - _biases[second];
        ReadOnlySpan<float> embedding = Embedding(prompt);
        for (int j = 0; j < embedding.Length; j++)
        {
            difference += (_strengths[first][j] - _strengths[second][j]) * embedding[j];
        }

        return 1 / (1 + Math.Exp(_margin - difference));
    }

    public static DenseMatrixFactorizationTrainingOptions Options(int seed = 0, int threads = -1, double noise = 0.02, int maxEpochs = 60, TieHandling ties = TieHandling.Margin, double heldOut = 0.1) => new()
    {
        StrongModel = Name(0),
        WeakModel = Name(1),
        Dimensions = 8,
        LearningRate = 0.003,
        Seed = seed,
        MaxDegreeOfParallelism = threads,
        Noise = noise,
        MaxEpochs = maxEpochs,
        Ties = ties,
        HeldOutFraction = heldOut,
    };
}
