namespace RouteLLM.Cli;

/// <summary>Whoever read standard output has gone, as <c>head</c> does when it has seen enough: there is nothing left to do.</summary>
internal sealed class ClosedPipeException(Exception innerException) : IOException("Standard output was closed.", innerException);
