namespace RouteLLM.Training;

/// <summary>Options of an <see cref="ExactMatchScorer"/>; read once, when the scorer is made.</summary>
public sealed class ExactMatchScorerOptions
{
    /// <summary>Gets or sets what is compared; the whole text by default.</summary>
    public AnswerKind Kind { get; set; } = AnswerKind.Text;

    /// <summary>Gets or sets a value indicating whether case matters when whole texts are compared; <see langword="false"/> by default.</summary>
    public bool CaseSensitive { get; set; }

    /// <summary>Gets or sets by how much numbers may differ, relative to the right one, at least 0; 1e-9 by default.</summary>
    public double Tolerance { get; set; } = 1e-9;

    /// <summary>Gets or sets the last letter of the choices, from B to Z; J by default.</summary>
    public char LastChoice { get; set; } = 'J';

    internal void Validate()
    {
        if (!Enum.IsDefined(Kind))
        {
            throw new ArgumentException($"{nameof(Kind)} is {Kind}; expected a named value of {nameof(AnswerKind)}.");
        }

        if (Tolerance is not (>= 0 and < double.PositiveInfinity))
        {
            throw new ArgumentException($"{nameof(Tolerance)} is {Tolerance}; expected a finite number of at least 0.");
        }

        if (LastChoice is < 'B' or > 'Z')
        {
            throw new ArgumentException($"{nameof(LastChoice)} is '{LastChoice}'; expected a letter from B to Z.");
        }
    }
}
