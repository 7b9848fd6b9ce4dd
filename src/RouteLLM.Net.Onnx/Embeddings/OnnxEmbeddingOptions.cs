namespace RouteLLM.Onnx;

/// <summary>How an <see cref="OnnxEmbeddingGenerator"/> is loaded, makes vectors, and serves.</summary>
public sealed class OnnxEmbeddingOptions
{
    /// <summary>
    /// Gets or sets the id of the model, which its metadata state and which artifacts and indexes made with its vectors are checked against. The default is the folder's name.
    /// </summary>
    public string? ModelId { get; set; }

    /// <summary>
    /// Gets or sets how the vectors of tokens become one. By default it is what the folder's <c>1_Pooling/config.json</c> says, as sentence-transformers writes it, else <see cref="EmbeddingPooling.Mean"/>.
    /// A model whose output is one vector a text (<c>sentence_embedding</c>) has pooled already.
    /// </summary>
    public EmbeddingPooling? Pooling { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether vectors are divided by their length. By default they are, unless the folder's <c>modules.json</c>, as sentence-transformers writes it, lists the model's parts and normalisation is not among them.
    /// </summary>
    public bool? Normalize { get; set; }

    /// <summary>Gets or sets what is put before every text, such as <c>query: </c> for E5 models, white space and all; nothing by default.</summary>
    public string? Instruction { get; set; }

    /// <summary>
    /// Gets or sets the longest text in tokens, special ones included; what is longer is cut off behind. By default it is what the folder's <c>sentence_bert_config.json</c> says, else tokenizer and model.
    /// </summary>
    public int? MaxTokens { get; set; }

    /// <summary>Gets or sets how the model is found, loaded and run; the defaults if <see langword="null"/>.</summary>
    public OnnxModelOptions? Model { get; set; }

    /// <summary>Gets or sets how texts become tokens; the defaults if <see langword="null"/>.</summary>
    public PromptTokenizerOptions? Tokenizer { get; set; }

    /// <summary>Gets or sets how texts of concurrent callers are gathered into batches; the defaults if <see langword="null"/>.</summary>
    public BatchingOptions? Batching { get; set; }
}
