namespace RouteLLM.Evaluation;

/// <summary>What a column holds.</summary>
internal enum RowField
{
    /// <summary>Nothing that is read.</summary>
    None,

    /// <summary>An object whose properties are columns of their own.</summary>
    Group,

    Id,
    Source,
    Split,
    Prompt,
    Language,
    Category,
    Reference,

    /// <summary>The model that the row's only score, cost and tokens are of.</summary>
    Model,

    StrongProbability,
    Score,
    Cost,
    Latency,
    InputTokens,
    OutputTokens,
    CachedInputTokens,
}
