namespace RouteLLM;

/// <summary>The store of a ledger does not answer, and requests are refused while it does not (<see cref="StoreFailureMode.Closed"/>).</summary>
/// <param name="message">What happened.</param>
/// <param name="innerException">The store's error, or <see langword="null"/>.</param>
public sealed class LedgerUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
