namespace RouteLLM.Training;

/// <summary>How to train a matrix factorisation over hashed text features.</summary>
public sealed class HashedMatrixFactorizationTrainingOptions
{
    /// <summary>Gets the strong model of the default pair: the pair that probabilities are calibrated for.</summary>
    public required string StrongModel { get; init; }

    /// <summary>Gets the weak model of the default pair.</summary>
    public required string WeakModel { get; init; }

    /// <summary>Gets the name of the router, as in <c>router-NAME-THRESHOLD</c>; <c>hashed-mf</c> by default.</summary>
    public string Name { get; init; } = "hashed-mf";

    /// <summary>Gets the number of dimensions of the models' vectors for benchmarks, in [1, 62]; 4 by default. Traffic and the gate have one more each.</summary>
    public int BenchmarkDimensions { get; init; } = 4;

    /// <summary>Gets the L2 penalty on the text projection for traffic; 0.03 by default.</summary>
    public double TrafficPenalty { get; init; } = 0.03;

    /// <summary>Gets the L2 penalty on the text projection for benchmarks; 1 by default.</summary>
    public double BenchmarkPenalty { get; init; } = 1;

    /// <summary>Gets the L2 penalty on the text projection for benchmarks where it reads features of the text's shape, such as its length; 0.1 by default.</summary>
    public double BenchmarkShapePenalty { get; init; } = 0.1;

    /// <summary>Gets the L2 penalty on the text projection for the gate; 0.3 by default.</summary>
    public double GatePenalty { get; init; } = 0.3;

    /// <summary>Gets how much more a prompt of traffic counts than one of a benchmark when the gate learns to tell them apart; 6 by default.</summary>
    public double GateTrafficWeight { get; init; } = 6;

    /// <summary>Gets the share that the logit of the traffic expert has in that of the benchmark expert; 0.2 by default.</summary>
    public double TrafficShare { get; init; } = 0.2;

    /// <summary>Gets the L2 penalty on the distance of item vectors from where they start; 30 by default.</summary>
    public double ItemPenalty { get; init; } = 30;

    /// <summary>Gets the L2 penalty on biases; 0.1 by default.</summary>
    public double BiasPenalty { get; init; } = 0.1;

    /// <summary>Gets in how many training texts a bucket must occur to be used; 4 by default.</summary>
    public int MinimumTexts { get; init; } = 4;

    /// <summary>Gets how much more features of a text's shape count than words do; 1.5 by default.</summary>
    public double ShapeWeight { get; init; } = 1.5;

    /// <summary>Gets how much parts of words count, if words count 1; 0.7 by default.</summary>
    public double SubwordWeight { get; init; } = 0.7;

    /// <summary>Gets the number of parts that cross-validation holds out in turn, at least 2; 5 by default.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Gets the largest number of iterations; 150 by default.</summary>
    public int MaxIterations { get; init; } = 150;

    /// <summary>Gets the part of the objective an iteration must gain for another one to follow; 1e-6 by default.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>Gets the seed of the item vectors' random parts and of the folds; 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>Gets how many models are fitted at once, or -1 (the default) for as many as there are processors. The result does not depend on it.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>Gets what else the artifact should say of itself: data, licences, how to train it again.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BenchmarkDimensions, 1, nameof(BenchmarkDimensions));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BenchmarkDimensions, HashedMatrixFactorizationModel.MaxDimensions - 2, nameof(BenchmarkDimensions));
        ArgumentOutOfRangeException.ThrowIfLessThan(Folds, 2, nameof(Folds));
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumTexts, 1, nameof(MinimumTexts));
        foreach ((double value, string name) in new[] { (TrafficPenalty, nameof(TrafficPenalty)), (BenchmarkPenalty, nameof(BenchmarkPenalty)), (BenchmarkShapePenalty, nameof(BenchmarkShapePenalty)), (GatePenalty, nameof(GatePenalty)), (ItemPenalty, nameof(ItemPenalty)), (BiasPenalty, nameof(BiasPenalty)), (ShapeWeight, nameof(ShapeWeight)), (SubwordWeight, nameof(SubwordWeight)) })
        {
            if (!(value > 0) || double.IsInfinity(value))
            {
                throw new ArgumentOutOfRangeException(name, value, "It must be a positive number.");
            }
        }

        if (StrongModel == WeakModel)
        {
            throw new ArgumentException($"The strong and the weak model are both {StrongModel}; a pair is two models.");
        }
    }
}
