namespace RouteLLM.Training;

/// <summary>An answer or a score that could not be had. The next run tries it again.</summary>
/// <param name="Stage">What failed.</param>
/// <param name="Id">The prompt's id.</param>
/// <param name="Model">The model whose answer it is.</param>
/// <param name="Rival">The model whose answer it was compared with, or <see langword="null"/>.</param>
/// <param name="Sample">The sample's number, from 0.</param>
/// <param name="Problem">What went wrong.</param>
public sealed record CollectionFailure(CollectionStage Stage, string Id, string Model, string? Rival, int Sample, string Problem);
