namespace RouteLLM.Onnx;

/// <summary>A text as the token ids that a model reads.</summary>
/// <param name="ids">The ids, special ones included.</param>
/// <param name="isTruncated">Whether tokens were cut off.</param>
public sealed class TokenizedPrompt(ReadOnlyMemory<int> ids, bool isTruncated = false)
{
    /// <summary>Gets the token ids, <c>[n]</c>, those of special tokens at the ends included.</summary>
    public ReadOnlyMemory<int> Ids { get; } = ids;

    /// <summary>Gets a value indicating whether the text was longer than <see cref="PromptTokenizer.MaxLength"/> and was cut.</summary>
    public bool IsTruncated { get; } = isTruncated;
}
