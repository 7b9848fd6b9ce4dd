namespace RouteLLM.Cli;

/// <summary>The command line is wrong, in a way that shows only when the command runs.</summary>
internal sealed class UsageException(string message) : Exception(message);
