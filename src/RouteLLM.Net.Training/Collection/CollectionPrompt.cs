namespace RouteLLM.Training;

/// <summary>A prompt to have answered.</summary>
/// <param name="Id">An id that is unique among the prompts and stays the same from run to run.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Reference">The right answer, or <see langword="null"/> if there is none.</param>
/// <param name="Source">Where the prompt comes from, for the training file; slashes separate a set from its parts.</param>
/// <param name="Split">Which part of the data it belongs to, for the training file.</param>
public sealed record CollectionPrompt(string Id, string Prompt, string? Reference = null, string Source = "collected", string Split = "train");
