using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>How <see cref="LabelRules"/> reads scores and battles.</summary>
public sealed class LabelOptions
{
    /// <summary>Gets or sets what a tie says; not a win by default.</summary>
    public TieReading Ties { get; set; } = TieReading.NotAWin;

    /// <summary>Gets or sets what two scores say; an outcome by default.</summary>
    public ScoreReading Scores { get; set; } = ScoreReading.Outcome;

    /// <summary>Gets or sets the largest difference of two scores that still is a tie, at least 0: the strong model wins if its score is higher by more than this. 0 by default.</summary>
    public double Margin { get; set; }

    /// <summary>Gets or sets what becomes of rows without one of the scores; they are skipped and counted by default.</summary>
    public MissingScores Missing { get; set; } = MissingScores.Skip;

    /// <summary>Gets or sets which rows are held out together in cross-validation, such as <c>row => row.Source</c>; <see langword="null"/> by default, for copies of a prompt alone. It does not apply to battles.</summary>
    public Func<EvaluationRow, string?>? Group { get; set; }

    internal void Validate()
    {
        if (Margin is not (>= 0 and < double.PositiveInfinity))
        {
            throw new ArgumentException($"{nameof(Margin)} is {Margin}; expected a finite number of at least 0, where 0 makes ties of equal scores only.");
        }

        if (!Enum.IsDefined(Ties) || !Enum.IsDefined(Scores) || !Enum.IsDefined(Missing))
        {
            throw new ArgumentException($"{nameof(Ties)}, {nameof(Scores)} and {nameof(Missing)} are {Ties}, {Scores} and {Missing}; expected named values of their enumerations.");
        }
    }
}
