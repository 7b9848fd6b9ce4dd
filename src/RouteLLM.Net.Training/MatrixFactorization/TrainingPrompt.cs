namespace RouteLLM.Training;

/// <summary>A prompt to learn from, with what is known about models' answers to it.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Outcomes">How pairs of models did on it.</param>
/// <param name="Group">
/// Prompts of one group are held out together in cross-validation, so that near-repetitions never help to predict one another; the prompt itself if <see langword="null"/>.
/// </param>
/// <param name="IsTraffic">Whether the prompt stands for what users ask: probabilities and score quantiles are calibrated on such prompts.</param>
public sealed record TrainingPrompt(string Prompt, IReadOnlyList<PairOutcome> Outcomes, string? Group = null, bool IsTraffic = false);
