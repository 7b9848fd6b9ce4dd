namespace RouteLLM.Training;

/// <summary>How far the import of an index has come.</summary>
/// <param name="Done">The rows that were dealt with.</param>
/// <param name="Total">The rows there are.</param>
public readonly record struct BattleIndexImportProgress(int Done, int Total);
