namespace RouteLLM.Training;

/// <summary>A router that could not be trained on one source alone.</summary>
/// <param name="Source">The source.</param>
/// <param name="Problem">What the trainer said.</param>
public sealed record TransferFailure(string Source, string Problem);
