namespace RouteLLM.Onnx;

/// <summary>How texts become tokens, where that is not the tokenizer's own affair.</summary>
public sealed class PromptTokenizerOptions
{
    /// <summary>
    /// Gets or sets the longest text in tokens, special ones included; what is longer is cut. By default it is <c>model_max_length</c> of <c>tokenizer_config.json</c>, else the truncation that <c>tokenizer.json</c> asks for,
    /// else there is no limit.
    /// </summary>
    public int? MaxLength { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether the text of a special token inside a prompt, such as <c>[SEP]</c>, <c>&lt;/s&gt;</c> or <c>&lt;|eot_id|&gt;</c>, is read as plain text. The default is <see langword="true"/>:
    /// a prompt must not steer its router. With <see langword="false"/> it becomes the special token, as in RouteLLM and wherever Hugging Face's tokenizers are used without a word.
    /// </summary>
    public bool NeutralizeSpecialTokens { get; set; } = true;

    /// <summary>Gets or sets further tokens to neutralize, which the tokenizer has but does not mark as special; none by default.</summary>
    public IReadOnlyList<string> AdditionalSpecialTokens { get; set; } = [];
}
