namespace RouteLLM;

/// <summary>A request was refused because of what classifiers found in it, or because one of them failed. No model was called.</summary>
public sealed class RequestRefusedException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="RequestRefusedException"/> class.</summary>
    /// <param name="signals">What was found.</param>
    public RequestRefusedException(IReadOnlyList<RequestSignal> signals)
        : base($"The request was refused: it has signals of {string.Join(", ", (signals ?? throw new ArgumentNullException(nameof(signals))).Select(static signal => signal.Category))}. A rule in Safety says so.") =>
        Signals = signals;

    /// <summary>Initializes a new instance of the <see cref="RequestRefusedException"/> class for a classifier that failed.</summary>
    /// <param name="innerException">Why it failed.</param>
    public RequestRefusedException(Exception innerException)
        : base("The request was refused: a classifier failed or was late, and Safety.OnFailure says to refuse then.", innerException) => Signals = [];

    /// <summary>Gets what was found; empty if a classifier failed.</summary>
    public IReadOnlyList<RequestSignal> Signals { get; }
}
