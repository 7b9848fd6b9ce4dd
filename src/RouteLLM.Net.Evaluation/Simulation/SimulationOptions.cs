namespace RouteLLM.Evaluation;

/// <summary>What is simulated, and what answers cost.</summary>
public sealed record SimulationOptions
{
    /// <summary>Gets the thresholds to simulate; none by default.</summary>
    public IReadOnlyList<double> Thresholds { get; init; } = [];

    /// <summary>
    /// Gets the strong shares to simulate, each in [0, 1], at the thresholds that give them on this very traffic; none by default. The requests are then enumerated twice, and 8 bytes of memory are taken for each.
    /// </summary>
    public IReadOnlyList<double> StrongShares { get; init; } = [];

    /// <summary>Gets the name of the strong route in a log, and of the strong model in rows; <c>strong</c> by default.</summary>
    public string Strong { get; init; } = "strong";

    /// <summary>Gets the name of the weak route in a log, and of the weak model in rows; <c>weak</c> by default.</summary>
    public string Weak { get; init; } = "weak";

    /// <summary>Gets the price of the strong model's tokens, or <see langword="null"/>, the default, if unknown.</summary>
    public TokenPrice? StrongPrice { get; init; }

    /// <summary>Gets the price of the weak model's tokens, or <see langword="null"/>, the default, if unknown.</summary>
    public TokenPrice? WeakPrice { get; init; }

    /// <summary>Gets how many characters count as a token of a request whose tokens are not known, above 0; 4 by default, which is about right for English.</summary>
    public double CharactersPerToken { get; init; } = 4;

    /// <summary>Gets how many tokens an answer is taken to have of which that is not known, at least 0; <see langword="null"/>, the default, assumes none, so that such an answer's cost is not known either.</summary>
    public double? OutputTokens { get; init; }

    /// <summary>Gets how many examples of moved requests are kept for each point and direction, at least 0; 5 by default.</summary>
    public int Examples { get; init; } = 5;

    /// <summary>Gets the scale of rows' scores; [0, 1] by default. Rewards of a log are on the log's own.</summary>
    public ScoreScale Scale { get; init; } = ScoreScale.Unit;

    /// <summary>Gets how many prompts are scored at once, and who is told of progress.</summary>
    public BatchPredictionOptions Prediction { get; init; } = new();

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Strong, nameof(Strong));
        ArgumentException.ThrowIfNullOrWhiteSpace(Weak, nameof(Weak));
        if (Strong == Weak)
        {
            throw new ArgumentException($"{nameof(Strong)} and {nameof(Weak)} are both \"{Strong}\"; expected two names.");
        }

        if (Thresholds.Count + StrongShares.Count == 0)
        {
            throw new ArgumentException($"There is nothing to simulate; give {nameof(Thresholds)} or {nameof(StrongShares)}.");
        }

        if (Thresholds.Any(double.IsNaN))
        {
            throw new ArgumentException($"A threshold is NaN; expected numbers in {nameof(Thresholds)}.");
        }

        foreach (double share in StrongShares)
        {
            if (share is not (>= 0 and <= 1))
            {
                throw new ArgumentOutOfRangeException(nameof(StrongShares), share, "A strong share lies in [0, 1]; 30% is 0.3.");
            }
        }

        if (CharactersPerToken is not (> 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(CharactersPerToken), CharactersPerToken, "A token has some characters: expected a finite number above 0.");
        }

        if (OutputTokens is not (null or (>= 0 and < double.PositiveInfinity)))
        {
            throw new ArgumentOutOfRangeException(nameof(OutputTokens), OutputTokens, "An answer has a finite number of tokens, at least 0.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(Examples, nameof(Examples));
    }
}
