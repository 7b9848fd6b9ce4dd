namespace RouteLLM.Onnx;

/// <summary>What tokenizers of all kinds have in common.</summary>
internal sealed class TokenizerParts
{
    public required AddedTokens AddedTokens { get; init; }

    /// <summary>Gets the ids that stand before every text.</summary>
    public int[] Prefix { get; init; } = [];

    /// <summary>Gets the ids that stand after every text.</summary>
    public int[] Suffix { get; init; } = [];

    public int PadId { get; init; }

    public int? MaxLength { get; init; }

    /// <summary>Gets a value indicating whether long texts lose their beginning and not their end.</summary>
    public bool TruncateInFront { get; init; }

    /// <summary>Gets a value indicating whether special tokens in prompts are plain text.</summary>
    public bool Neutralize { get; init; }
}
