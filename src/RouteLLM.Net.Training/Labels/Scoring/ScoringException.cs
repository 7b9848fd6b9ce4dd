namespace RouteLLM.Training;

/// <summary>Thrown when an answer cannot be scored; the message says why and what to do, and never quotes the answer or the judge.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="cost">What was paid for nothing.</param>
/// <param name="innerException">The cause, or <see langword="null"/>.</param>
public sealed class ScoringException(string message, CallCost cost, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Gets what was paid for nothing.</summary>
    public CallCost Cost { get; } = cost;
}
