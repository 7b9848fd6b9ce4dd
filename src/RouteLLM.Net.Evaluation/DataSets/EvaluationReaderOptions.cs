namespace RouteLLM.Evaluation;

/// <summary>How rows are read, and what is refused.</summary>
public sealed record EvaluationReaderOptions
{
    /// <summary>Gets how the file is written down, or <see langword="null"/>, the default, to go by its name.</summary>
    public RowFormat? Format { get; init; }

    /// <summary>Gets what the columns or properties are called; <see cref="RowShape.Standard"/> by default.</summary>
    public RowShape Shape { get; init; }

    /// <summary>Gets the scale that scores must lie on; [0, 1] by default.</summary>
    public ScoreScale Scale { get; init; } = ScoreScale.Unit;

    /// <summary>Gets a value indicating whether scores are moved from <see cref="Scale"/> to [0, 1], which training expects. The default is <see langword="false"/>: they stay as they are.</summary>
    public bool NormalizeScores { get; init; }

    /// <summary>
    /// Gets a value indicating whether rows may share an id. The default is <see langword="false"/>: a second row with an id is refused, which takes some 50 bytes of memory a row.
    /// Ids are compared by 64 bits of their SHA-256 hash.
    /// </summary>
    public bool AllowDuplicateIds { get; init; }

    /// <summary>Gets a value indicating whether prompts may be empty or blank. The default is <see langword="false"/>: such a row is refused, because a router has nothing to go by and the row is most often a mistake.</summary>
    public bool AllowEmptyPrompts { get; init; }

    /// <summary>Gets the models that every row must have a score of; none by default.</summary>
    public IReadOnlyList<string> RequiredModels { get; init; } = [];
}
