namespace RouteLLM.Training;

/// <summary>What <see cref="BattleIndexImporter"/> takes from files.</summary>
public sealed class BattleIndexImportOptions
{
    /// <summary>Gets or sets what the index keeps; the defaults if left alone.</summary>
    public BattleIndexOptions Index { get; set; } = new();

    /// <summary>
    /// Gets or sets how many Unicode code points a prompt has at least, white space around it not counted; shorter ones are left out. 16 by default, as RouteLLM has it. Rows without a prompt are kept.
    /// </summary>
    public int MinimumPromptLength { get; set; } = 16;

    /// <summary>Gets or sets the column of a Parquet file that holds the embeddings, a list of numbers a row; <c>embedding</c> by default.</summary>
    public string EmbeddingColumn { get; set; } = "embedding";
}
