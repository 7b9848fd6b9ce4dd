namespace RouteLLM;

/// <summary>One step of a <see cref="ScriptedRouter"/>: a win probability to give, or an exception to fail with. Numbers and exceptions convert to it.</summary>
public readonly struct ScriptedScore : IEquatable<ScriptedScore>
{
    /// <summary>Initializes a new instance of the <see cref="ScriptedScore"/> struct that gives a win probability.</summary>
    /// <param name="winProbability">The win probability, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="winProbability"/> is NaN or not in [0, 1].</exception>
    public ScriptedScore(double winProbability) => Score = Probability.Checked(winProbability);

    /// <summary>Initializes a new instance of the <see cref="ScriptedScore"/> struct that fails.</summary>
    /// <param name="exception">The exception that the prediction fails with.</param>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> is <see langword="null"/>.</exception>
    public ScriptedScore(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Exception = exception;
    }

    /// <summary>Gets the win probability in [0, 1]; 0 if the step fails.</summary>
    public double Score { get; }

    /// <summary>Gets the exception that the prediction fails with, or <see langword="null"/>.</summary>
    public Exception? Exception { get; }

    /// <summary>Makes a step that gives a win probability.</summary>
    /// <param name="winProbability">The win probability, in [0, 1].</param>
    public static implicit operator ScriptedScore(double winProbability) => new(winProbability);

    /// <summary>Makes a step that fails.</summary>
    /// <param name="exception">The exception that the prediction fails with.</param>
    public static implicit operator ScriptedScore(Exception exception) => new(exception);

    /// <summary>Tells whether two steps are the same: equal scores and the same exception.</summary>
    /// <param name="left">A step.</param>
    /// <param name="right">Another step.</param>
    public static bool operator ==(ScriptedScore left, ScriptedScore right) => left.Equals(right);

    /// <summary>Tells whether two steps differ.</summary>
    /// <param name="left">A step.</param>
    /// <param name="right">Another step.</param>
    public static bool operator !=(ScriptedScore left, ScriptedScore right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(ScriptedScore other) => Score.Equals(other.Score) && ReferenceEquals(Exception, other.Exception);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ScriptedScore other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Score, Exception);
}
