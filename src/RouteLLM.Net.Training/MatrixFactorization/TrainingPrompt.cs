namespace RouteLLM.Training;

/// <summary>A prompt to learn from, with what is known about models' answers to it.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Outcomes">How pairs of models did on it.</param>
/// <param name="IsTraffic">
/// Whether the prompt stands for what users ask (<see langword="true"/>) or is a benchmark's (<see langword="false"/>), which teaches the model to tell the two apart;
/// <see langword="null"/> if it might be either. Probabilities and score quantiles are calibrated on traffic.
/// </param>
/// <param name="Group">
/// Prompts of one group are held out together in cross-validation, so that near-repetitions never help to predict one another; the prompt itself if <see langword="null"/>.
/// </param>
public sealed record TrainingPrompt(string Prompt, IReadOnlyList<PairOutcome> Outcomes, bool? IsTraffic = null, string? Group = null);
