namespace RouteLLM.Internals;

/// <summary>Verifies what a pattern matched.</summary>
/// <param name="match">The text that was matched.</param>
/// <returns>How many of its characters, from the first, are what was looked for; 0 if none are.</returns>
internal delegate int PiiCheck(ReadOnlySpan<char> match);
