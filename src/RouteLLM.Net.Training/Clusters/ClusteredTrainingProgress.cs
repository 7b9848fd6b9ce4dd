namespace RouteLLM.Training;

/// <summary>How far the training of a <see cref="ClusteredModel"/> has come, or a warning.</summary>
/// <param name="Stage">What it is at.</param>
/// <param name="Done">How many steps of the stage are done.</param>
/// <param name="Total">How many the stage has.</param>
/// <param name="Warning">Something that should be known, which the result lists as well; <see langword="null"/> if this is about progress only.</param>
public readonly record struct ClusteredTrainingProgress(ClusteredTrainingStage Stage, int Done, int Total, string? Warning = null);
