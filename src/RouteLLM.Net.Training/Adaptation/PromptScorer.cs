namespace RouteLLM.Training;

/// <summary>Scores a prompt.</summary>
/// <param name="prompt">The prompt's text.</param>
/// <returns>The win probability of the strong model.</returns>
public delegate double PromptScorer(ReadOnlySpan<char> prompt);
