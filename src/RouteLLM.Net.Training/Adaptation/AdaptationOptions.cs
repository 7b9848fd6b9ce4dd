namespace RouteLLM.Training;

/// <summary>How a router is adapted to a domain.</summary>
public sealed class AdaptationOptions
{
    /// <summary>Gets the strong model's name, which may be new to the router; that of its own pair if <see langword="null"/>, the default.</summary>
    public string? StrongModel { get; init; }

    /// <summary>Gets the weak model's name, which may be new to the router; that of its own pair if <see langword="null"/>, the default.</summary>
    public string? WeakModel { get; init; }

    /// <summary>Gets the name of the adapted router, as in <c>router-NAME-THRESHOLD</c>; <c>adapted</c> by default.</summary>
    public string Name { get; init; } = "adapted";

    /// <summary>Gets the number of parts that cross-validation holds out in turn, at least 2; 5 by default.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>
    /// Gets how strongly scale and offset of the logit are drawn to the original's, at least 0.01; 1 by default, which expects them to differ by about 1/2 and 1. Five times as much is always tried as well.
    /// </summary>
    public double CalibrationPenalty { get; init; } = 1;

    /// <summary>Gets the ridge penalties on corrections of words and other features to choose from by cross-validation, each above 0; 3, 1, 0.3, 0.1, 0.03 and 0.01 by default. No correction at all, and keeping the original, are always among the choices.</summary>
    public IReadOnlyList<double> FeaturePenalties { get; init; } = [3, 1, 0.3, 0.1, 0.03, 0.01];

    /// <summary>
    /// Gets whether quality before and after is measured, by holding rows out of all that adapting does, the choice of penalties too; <see langword="true"/> by default. Without it adapting takes a sixth of the time and
    /// there is no report; the artifact is the same.
    /// </summary>
    public bool Assess { get; init; } = true;

    /// <summary>Gets how many prompts the original router's own score quantiles count as beside those of the adapted prompts; 100 by default.</summary>
    public double QuantilePriorRows { get; init; } = 100;

    /// <summary>Gets the seed of the folds; 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>Gets how many fits run at once, or -1 (the default) for as many as there are processors. The result does not depend on it.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>Gets what else the artifact should say of itself, such as the data and their licence.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Gives the same options for one of many adaptations that run side by side and whose report nobody reads.</summary>
    internal AdaptationOptions Quickly(int seed) => new()
    {
        StrongModel = StrongModel,
        WeakModel = WeakModel,
        Name = Name,
        Folds = Folds,
        CalibrationPenalty = CalibrationPenalty,
        FeaturePenalties = FeaturePenalties,
        QuantilePriorRows = QuantilePriorRows,
        Metadata = Metadata,
        Assess = false,
        Seed = seed,
        MaxDegreeOfParallelism = 1,
    };

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name, nameof(Name));
        ArgumentOutOfRangeException.ThrowIfLessThan(Folds, 2, nameof(Folds));
        foreach (double penalty in FeaturePenalties)
        {
            if (penalty is not (> 0 and < double.PositiveInfinity))
            {
                throw new ArgumentOutOfRangeException(nameof(FeaturePenalties), penalty, "A penalty on features is a finite number above 0.");
            }
        }

        if (CalibrationPenalty is not (>= 0.01 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(CalibrationPenalty), CalibrationPenalty, "The penalty on scale and offset is a finite number of at least 0.01.");
        }

        if (QuantilePriorRows is not (>= 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(QuantilePriorRows), QuantilePriorRows, "The weight of the original quantiles is a finite number of rows, at least 0.");
        }
    }
}
