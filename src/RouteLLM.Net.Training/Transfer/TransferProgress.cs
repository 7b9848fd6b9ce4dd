namespace RouteLLM.Training;

/// <summary>How far a transfer study has come.</summary>
/// <param name="Done">The trainings that are done.</param>
/// <param name="Total">The trainings there are.</param>
public readonly record struct TransferProgress(int Done, int Total);
