namespace RouteLLM.Evaluation;

/// <summary>Rows, models and router do not fit together; the message says which row and what to do.</summary>
public sealed class EvaluationException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="EvaluationException"/> class.</summary>
    /// <param name="message">What is wrong and what was expected.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public EvaluationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
