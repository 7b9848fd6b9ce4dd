namespace RouteLLM.Training;

/// <summary>What came of an import.</summary>
/// <param name="Rows">The rows of the index.</param>
/// <param name="LeftOut">The rows that were left out because their prompts are too short.</param>
/// <param name="Dimensions">The number of dimensions of the embeddings.</param>
public sealed record BattleIndexImportResult(int Rows, int LeftOut, int Dimensions);
