namespace RouteLLM.Training;

/// <summary>How to train a <see cref="ClusteredModel"/>.</summary>
public sealed class ClusteredModelTrainingOptions
{
    /// <summary>The number of clusters below which a warning is given: so few hardly differ from one classifier for all.</summary>
    public const int FewClusters = 4;

    /// <summary>The number of clusters above which a warning is given: most would have few rows.</summary>
    public const int ManyClusters = 20;

    /// <summary>The number of rows below which a warning is given.</summary>
    public const int FewRows = 2000;

    /// <summary>Gets the name of the router, as in <c>router-NAME-THRESHOLD</c>; <c>clusters</c> by default.</summary>
    public string Name { get; init; } = "clusters";

    /// <summary>Gets the strong model of the default pair, the one pair whose win probabilities are calibrated, or <see langword="null"/> (the default) for no such pair.</summary>
    public string? StrongModel { get; init; }

    /// <summary>Gets the weak model of the default pair, or <see langword="null"/> for no such pair.</summary>
    public string? WeakModel { get; init; }

    /// <summary>Gets the number of clusters; 12 by default. <see langword="null"/> chooses the number with the greatest mean silhouette from <see cref="MinClusterCount"/> to <see cref="MaxClusterCount"/>.</summary>
    public int? ClusterCount { get; init; } = 12;

    /// <summary>Gets the smallest number of clusters to try, at least 2; 4 by default.</summary>
    public int MinClusterCount { get; init; } = FewClusters;

    /// <summary>Gets the largest number of clusters to try; 20 by default.</summary>
    public int MaxClusterCount { get; init; } = ManyClusters;

    /// <summary>Gets how many rows, drawn at random, numbers of clusters are tried on; 2,000 by default. Time and memory grow with its square.</summary>
    public int SilhouetteSample { get; init; } = 2000;

    /// <summary>Gets what the classifiers learn from; <see cref="ClusterLabels.RewardDistribution"/> by default, which goes for quality. <see cref="ClusterLabels.BestModel"/> goes for the cheapest model that will do.</summary>
    public ClusterLabels Labels { get; init; } = ClusterLabels.RewardDistribution;

    /// <summary>Gets the temperature T of <see cref="ClusterLabels.RewardDistribution"/>, in units of the score; 0.3 by default. A lower one comes nearer to the best models alone.</summary>
    public double RewardTemperature { get; init; } = 0.3;

    /// <summary>
    /// Gets the models from the cheapest to the dearest, which decides between equal scores; <see langword="null"/> (the default) to order them by their mean cost in the rows. Needed for <see cref="ClusterLabels.BestModel"/> where scores are equal and
    /// rows have no costs.
    /// </summary>
    public IReadOnlyList<string>? PriceOrder { get; init; }

    /// <summary>Gets the number of rows that a cluster needs for a classifier of its own; 100 by default. Those with fewer are served by the global one.</summary>
    public int MinimumClusterRows { get; init; } = 100;

    /// <summary>Gets the share of the models, in [0, 1], that must be the best in one of a cluster's rows at least for it to have a classifier of its own; 0.5 by default.</summary>
    public double MinimumClassCoverage { get; init; } = 0.5;

    /// <summary>Gets the L2 penalty on the global classifier's weights, above 0; 10 by default, for embeddings of unit length.</summary>
    public double GlobalPenalty { get; init; } = 10;

    /// <summary>Gets the L2 penalty on the distance of a cluster's weights from the global ones, above 0; 5 by default. The greater, the less clusters differ.</summary>
    public double ClusterPenalty { get; init; } = 5;

    /// <summary>Gets the number of parts that cross-validation holds out in turn, at least 2; 5 by default.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Gets the largest number of iterations of a fit; 150 by default.</summary>
    public int MaxIterations { get; init; } = 150;

    /// <summary>Gets the part of the objective an iteration must gain for another one to follow; 1e-6 by default.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>Gets the seed of the clusters' beginnings, the sample and the folds; 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>Gets how many fits run at once, or -1 (the default) for as many as there are processors. The result does not depend on it.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>Gets what embedded the prompts (see <see cref="ClusteredModelInfo.Embedder"/>), or <see langword="null"/>; taken from the generator where one is given.</summary>
    public string? Embedder { get; init; }

    /// <summary>Gets what else the artifact should say of itself: data, licences, how to train it again.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name, nameof(Name));
        AtLeast(ClusterCount ?? 2, 2, nameof(ClusterCount));
        AtLeast(MinClusterCount, 2, nameof(MinClusterCount));
        AtLeast(MaxClusterCount, MinClusterCount, nameof(MaxClusterCount));
        AtLeast(SilhouetteSample, MaxClusterCount + 1, nameof(SilhouetteSample));
        AtLeast(MinimumClusterRows, 1, nameof(MinimumClusterRows));
        AtLeast(Folds, 2, nameof(Folds));
        AtLeast(MaxIterations, 1, nameof(MaxIterations));
        if (MaxDegreeOfParallelism is not (-1 or > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(MaxDegreeOfParallelism), MaxDegreeOfParallelism, "It is a number of at least 1, or -1 for as many as there are processors.");
        }

        if (MinimumClassCoverage is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(MinimumClassCoverage), MinimumClassCoverage, "It is a share of the models, in [0, 1].");
        }

        foreach ((double value, string name) in new[] { (GlobalPenalty, nameof(GlobalPenalty)), (ClusterPenalty, nameof(ClusterPenalty)), (RewardTemperature, nameof(RewardTemperature)), (Tolerance, nameof(Tolerance)) })
        {
            if (value is not (> 0 and < double.PositiveInfinity))
            {
                throw new ArgumentOutOfRangeException(name, value, "It must be a positive number.");
            }
        }

        if (!Enum.IsDefined(Labels))
        {
            throw new ArgumentOutOfRangeException(nameof(Labels), Labels, "There are no such labels.");
        }

        if ((StrongModel is null) != (WeakModel is null) || (StrongModel is not null && StrongModel == WeakModel))
        {
            throw new ArgumentException($"The default pair is '{StrongModel}' and '{WeakModel}'; name two different models, or leave both out.");
        }
    }

    private static void AtLeast(int value, int least, string name) => ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
}
