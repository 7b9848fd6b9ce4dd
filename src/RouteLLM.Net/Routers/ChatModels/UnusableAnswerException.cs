namespace RouteLLM;

/// <summary>Thrown when the model that a router asks answers, but nothing that a score can be taken from.</summary>
/// <remarks>The message says what was expected and how the answer failed it, and never quotes the answer, which may repeat the prompt.</remarks>
/// <param name="message">What is wrong with the answer, and what to do.</param>
/// <param name="innerException">What reading the answer threw, or <see langword="null"/>.</param>
public sealed class UnusableAnswerException(string message, Exception? innerException = null) : InvalidOperationException(message, innerException);
