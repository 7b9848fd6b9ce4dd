namespace RouteLLM;

/// <summary>A calibration cannot be read, or belongs to another router; the message says which, and what to do.</summary>
public sealed class InvalidCalibrationException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="InvalidCalibrationException"/> class.</summary>
    /// <param name="message">What is wrong, where, and what to do.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public InvalidCalibrationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
