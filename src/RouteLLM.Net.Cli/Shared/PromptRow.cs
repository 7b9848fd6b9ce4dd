namespace RouteLLM.Cli;

/// <summary>A prompt with its id, as a line of JSON lines has them.</summary>
/// <param name="Id">The id as it stands in the line: the JSON of a string or a number.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Line">The line's number, from 1.</param>
internal readonly record struct PromptRow(string Id, string Prompt, int Line);
