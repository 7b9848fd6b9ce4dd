namespace RouteLLM.Training;

/// <summary>A prompt to fit a mixture on, with what is known about its outcome.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Label">How likely the strong model's answer is better, in [0, 1]: 1 or 0 for an observed outcome, or a rated probability.</param>
/// <param name="Weight">How much the row counts, at least 0; 1 by default.</param>
/// <param name="Group">Rows of one group are held out together in cross-validation; the prompt itself if <see langword="null"/>, so that repetitions of a prompt never help to predict one another.</param>
public sealed record MixtureTrainingRow(string Prompt, double Label, double Weight = 1, string? Group = null);
