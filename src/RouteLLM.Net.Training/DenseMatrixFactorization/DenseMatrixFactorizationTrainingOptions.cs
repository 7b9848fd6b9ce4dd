namespace RouteLLM.Training;

/// <summary>How a <see cref="DenseMatrixFactorizationTrainer"/> trains.</summary>
/// <remarks>
/// Dimensions, step size, weight decay and the batch of large sets are RouteLLM's own. Its noise of 0.1 is halved, and training stops early, for on outcomes of 300 to 11,000 prompts with hashed embeddings that gave the lower
/// losses on prompts held out.
/// </remarks>
public sealed class DenseMatrixFactorizationTrainingOptions
{
    /// <summary>Gets the strong model of the default pair.</summary>
    public required string StrongModel { get; init; }

    /// <summary>Gets the weak model of the default pair.</summary>
    public required string WeakModel { get; init; }

    /// <summary>Gets the name of the router, as in <c>router-NAME-THRESHOLD</c>; <c>mf</c> by default.</summary>
    public string Name { get; init; } = "mf";

    /// <summary>Gets the number of dimensions that embeddings are projected to, which is that of the models' vectors; 128 by default.</summary>
    public int Dimensions { get; init; } = 128;

    /// <summary>Gets what ties say; <see cref="TieHandling.Margin"/> by default.</summary>
    public TieHandling Ties { get; init; } = TieHandling.Margin;

    /// <summary>Gets the step size of Adam; 0.0003 by default.</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>Gets the L2 penalty on the projection, the models' vectors and the weights of their components, added to the gradient before Adam scales it; 0.00001 by default.</summary>
    public double WeightDecay { get; init; } = 1e-5;

    /// <summary>Gets the number of prompts a step, or <see langword="null"/> (the default) for 64, and down to 8 with less than 6,400 prompts to train on, so that an epoch has a hundred steps.</summary>
    public int? BatchSize { get; init; }

    /// <summary>
    /// Gets the standard deviation of the Gaussian noise that is added to each component of an embedding whenever it is trained on, at least 0; 0.05 by default (RouteLLM: 0.1). It is the main regulariser: against
    /// embeddings of unit length in 1,536 dimensions, 0.05 is noise twice as long as the signal. Scale it with the length of your embeddings.
    /// </summary>
    public double Noise { get; init; } = 0.05;

    /// <summary>Gets the largest number of passes over the prompts; 100 by default.</summary>
    public int MaxEpochs { get; init; } = 100;

    /// <summary>Gets how many epochs may go by without a lower loss on the rows held out before training stops; 10 by default. The weights of the best epoch are kept.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>
    /// Gets the share of groups that is held out, in [0, 1); 0.1 by default. A group is the rows of one <see cref="TrainingPrompt.Group"/>, or of one prompt. With 0 every row is trained on for <see cref="MaxEpochs"/>,
    /// whether that is too long or not, and quantiles are those of scores of rows that were trained on.
    /// </summary>
    public double HeldOutFraction { get; init; } = 0.1;

    /// <summary>Gets the seed of the first weights, the order of prompts, the noise, and which groups are held out; 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>Gets how many threads work at once, or -1 (the default) for as many as there are processors. The result does not depend on it.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>
    /// Gets the embedder's name for the artifact, such as <c>text-embedding-3-small/1536</c>, which generators are checked against (<see cref="MatrixFactorizationModelInfo.Embedder"/>). By default it is what the generator says of
    /// itself, and unknown with embeddings that are given as numbers.
    /// </summary>
    public string? Embedder { get; init; }

    /// <summary>Gets the number of prompts in a call of the embedding generator; 256 by default.</summary>
    public int EmbeddingBatchSize { get; init; } = 256;

    /// <summary>Gets what else the artifact should say of itself: data, licences, how to train it again.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(StrongModel);
        ArgumentException.ThrowIfNullOrEmpty(WeakModel);
        if (StrongModel == WeakModel)
        {
            throw new ArgumentException($"The strong and the weak model are both '{StrongModel}'; a pair is two models.");
        }

        ArgumentException.ThrowIfNullOrEmpty(Name);
        foreach ((int value, string name) in new[] { (Dimensions, nameof(Dimensions)), (BatchSize ?? 1, nameof(BatchSize)), (MaxEpochs, nameof(MaxEpochs)), (Patience, nameof(Patience)), (EmbeddingBatchSize, nameof(EmbeddingBatchSize)) })
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        }

        Check(LearningRate is > 0 and < double.PositiveInfinity, LearningRate, nameof(LearningRate), "It must be a positive number.");
        Check(WeightDecay is >= 0 and < double.PositiveInfinity, WeightDecay, nameof(WeightDecay), "It must be a finite number of at least 0.");
        Check(Noise is >= 0 and < double.PositiveInfinity, Noise, nameof(Noise), "It must be a finite number of at least 0.");
        Check(HeldOutFraction is >= 0 and < 1, HeldOutFraction, nameof(HeldOutFraction), "It must be in [0, 1): 0 holds nothing out, and something has to be left to train on.");
        Check(Enum.IsDefined(Ties), Ties, nameof(Ties), "There is no such handling of ties.");
        Check(MaxDegreeOfParallelism is -1 or > 0, MaxDegreeOfParallelism, nameof(MaxDegreeOfParallelism), "It must be a positive number, or -1 for as many as there are processors.");
    }

    private static void Check(bool valid, object value, string name, string expected)
    {
        if (!valid)
        {
            throw new ArgumentOutOfRangeException(name, value, expected);
        }
    }
}
