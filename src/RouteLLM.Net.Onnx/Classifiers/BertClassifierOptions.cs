namespace RouteLLM.Onnx;

/// <summary>How a <see cref="BertClassifierRouter"/> is loaded, reads its model's labels, and serves.</summary>
public sealed class BertClassifierOptions
{
    /// <summary>Gets or sets the router's name, which its metadata state. The default is <c>bert</c>.</summary>
    public string Name { get; set; } = "bert";

    /// <summary>Gets or sets the strong model that the classifier was trained for, or <see langword="null"/> if it was trained for none in particular.</summary>
    public string? StrongModel { get; set; }

    /// <summary>Gets or sets the weak model that the classifier was trained for, or <see langword="null"/>.</summary>
    public string? WeakModel { get; set; }

    /// <summary>
    /// Gets or sets the labels that speak for the strong model, by name as in the model's <c>config.json</c>, or by number from 0; the win probability is the sum of their probabilities.
    /// By default they are, of a model with one label, that one; else those whose names contain the word <c>strong</c>; and of labels without names of their own (<c>LABEL_0</c>), the first of three, as RouteLLM trains
    /// (strong model better, tie, weak model better), and the second of two (no, yes). In all other cases they have to be said.
    /// </summary>
    public IReadOnlyList<string>? StrongLabels { get; set; }

    /// <summary>
    /// Gets or sets how logits become probabilities. By default: <see cref="ClassifierActivation.Softmax"/> for two labels or more and <see cref="ClassifierActivation.Sigmoid"/> for one;
    /// unless <c>problem_type</c> in the model's <c>config.json</c> is <c>multi_label_classification</c> (sigmoid) or <c>regression</c> (none).
    /// </summary>
    public ClassifierActivation? Activation { get; set; }

    /// <summary>Gets or sets the longest prompt in tokens, special ones included; what is longer is cut off behind. By default it is what tokenizer and model say.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>Gets or sets how the model is found, loaded and run; the defaults if <see langword="null"/>.</summary>
    public OnnxModelOptions? Model { get; set; }

    /// <summary>Gets or sets how prompts become tokens; the defaults if <see langword="null"/>.</summary>
    public PromptTokenizerOptions? Tokenizer { get; set; }

    /// <summary>Gets or sets how prompts of concurrent callers are gathered into batches; the defaults if <see langword="null"/>.</summary>
    public BatchingOptions? Batching { get; set; }
}
