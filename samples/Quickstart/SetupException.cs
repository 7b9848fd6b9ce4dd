namespace RouteLLM.Quickstart;

/// <summary>Something the user can put right: the message says what it is and how.</summary>
internal sealed class SetupException(string message) : Exception(message);
