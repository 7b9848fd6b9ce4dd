namespace RouteLLM.Training;

/// <summary>How to train a <see cref="LinearModel"/>.</summary>
public sealed class LinearTrainingOptions
{
    /// <summary>Gets the strong model of the default pair: the pair that labels compare, or that a pool's quantiles are kept for.</summary>
    public required string StrongModel { get; init; }

    /// <summary>Gets the weak model of the default pair.</summary>
    public required string WeakModel { get; init; }

    /// <summary>Gets the name of the router, as in <c>router-NAME-THRESHOLD</c>; <c>linear</c> by default.</summary>
    public string Name { get; init; } = "linear";

    /// <summary>Gets how it is fitted; logistic regression by default.</summary>
    public LinearMethod Method { get; init; } = LinearMethod.Logistic;

    /// <summary>Gets what is read from a prompt; all hashed features by default.</summary>
    public LinearFeatures Features { get; init; } = LinearFeatures.Binary;

    /// <summary>
    /// Gets the L2 penalties to choose from by cross-validation, in rows of weight 1 and applied to features of unit length; from 0.003 to 30 by default, each about three times the one before. One alone is taken as it is.
    /// </summary>
    public IReadOnlyList<double> Penalties { get; init; } = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

    /// <summary>Gets in how many training prompts a feature must occur to get a weight; 2 by default.</summary>
    public int MinimumTexts { get; init; } = 2;

    /// <summary>Gets how much more features of a text's shape count than words do; 1.5 by default. TF-IDF has none.</summary>
    public double ShapeWeight { get; init; } = 1.5;

    /// <summary>Gets how much parts of words count, if words count 1; 0.7 by default. TF-IDF has none.</summary>
    public double SubwordWeight { get; init; } = 0.7;

    /// <summary>Gets by how much a score must be above another for a clear win, at least 0 and less than 1; 0 by default. Only for pools: a label says it itself.</summary>
    public double WinMargin { get; init; }

    /// <summary>Gets the number of parts that cross-validation holds out in turn, at least 2; 5 by default.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Gets the largest number of iterations of a fit; 300 by default.</summary>
    public int MaxIterations { get; init; } = 300;

    /// <summary>Gets when a fit has converged: the part of the objective, or of the right-hand side, that is left; 1e-6 by default.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>Gets the seed of the folds; 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>Gets how many fits run at once, or -1 (the default) for as many as there are processors. The result does not depend on it.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>Gets what else the artifact should say of itself: data, licences, how to train it again.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(StrongModel, nameof(StrongModel));
        ArgumentException.ThrowIfNullOrWhiteSpace(WeakModel, nameof(WeakModel));
        ArgumentException.ThrowIfNullOrWhiteSpace(Name, nameof(Name));
        if (StrongModel == WeakModel)
        {
            throw new ArgumentException($"The strong and the weak model are both '{StrongModel}'; a pair is two models.", nameof(WeakModel));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Folds, 2, nameof(Folds));
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumTexts, 1, nameof(MinimumTexts));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxIterations, 1, nameof(MaxIterations));
        if (MaxDegreeOfParallelism is 0 or < -1)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxDegreeOfParallelism), MaxDegreeOfParallelism, "Fits run one or more at once; -1 is for as many as there are processors.");
        }

        if (Penalties.Count == 0 || Penalties.Any(static penalty => penalty is not (> 0 and < double.PositiveInfinity)))
        {
            throw new ArgumentException($"The penalties are {string.Join(", ", Penalties)}; expected one or more finite numbers above 0.", nameof(Penalties));
        }

        if (ShapeWeight is not (> 0 and < 1000))
        {
            throw new ArgumentOutOfRangeException(nameof(ShapeWeight), ShapeWeight, "The weight of features of shape is a number above 0 and below 1000.");
        }

        if (SubwordWeight is not (> 0 and < 1000))
        {
            throw new ArgumentOutOfRangeException(nameof(SubwordWeight), SubwordWeight, "The weight of parts of words is a number above 0 and below 1000.");
        }

        if (WinMargin is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(WinMargin), WinMargin, "Scores are in [0, 1], so a margin is at least 0 and less than 1.");
        }

        if (Tolerance is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, "A tolerance is above 0 and less than 1.");
        }
    }
}
