namespace RouteLLM.Training;

/// <summary>A prompt and whether the strong model's answer was better.</summary>
/// <param name="Prompt">The prompt's text.</param>
/// <param name="Label">1 if the strong model's answer was clearly better, 0 if not, or a probability between.</param>
/// <param name="Weight">How much the row counts, above 0.</param>
/// <param name="Group">Rows of one group are held out together in cross-validation; the prompt itself if <see langword="null"/>, so that repetitions of a prompt never help to predict one another.</param>
public readonly record struct LabeledPrompt(string Prompt, double Label, double Weight = 1, string? Group = null);
