namespace RouteLLM.Evaluation;

/// <summary>A request that a simulated threshold sends another way.</summary>
/// <param name="Prompt">The prompt, or <see langword="null"/> if the log holds none.</param>
/// <param name="WinProbability">The win probability that it is decided by.</param>
/// <param name="ToStrong">Whether it moves from weak to strong; else it moves back.</param>
/// <param name="Origin">Where it was read, or <see langword="null"/>.</param>
public sealed record MovedRequest(string? Prompt, double WinProbability, bool ToStrong, RowOrigin? Origin);
