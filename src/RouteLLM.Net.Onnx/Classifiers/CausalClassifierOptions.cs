namespace RouteLLM.Onnx;

/// <summary>How a <see cref="CausalClassifierRouter"/> is loaded, asks its model, and serves.</summary>
public sealed class CausalClassifierOptions
{
    /// <summary>Gets or sets the router's name, which its metadata state. The default is <c>causal_llm</c>, as in RouteLLM.</summary>
    public string Name { get; set; } = "causal_llm";

    /// <summary>Gets or sets the strong model that the classifier was trained for, or <see langword="null"/> if it was trained for none in particular.</summary>
    public string? StrongModel { get; set; }

    /// <summary>Gets or sets the weak model that the classifier was trained for, or <see langword="null"/>.</summary>
    public string? WeakModel { get; set; }

    /// <summary>
    /// Gets or sets the system message that the model was trained with, which tells what the scores mean. By default it is read from <c>system_ft_v5.txt</c> in the model's folder, a file of RouteLLM's sources
    /// (<c>routellm/routers/causal_llm</c>).
    /// </summary>
    public string? SystemMessage { get; set; }

    /// <summary>Gets or sets the user's message that the model was trained with, in which <c>{question}</c> stands for the prompt. By default it is read from <c>classifier_ft_v5.txt</c>, as <see cref="SystemMessage"/> is.</summary>
    public string? ClassifierMessage { get; set; }

    /// <summary>Gets or sets the tokens that the model answers with, from the lowest score, 1, to the highest. The default is <c>[[1]]</c> to <c>[[5]]</c>. A high score says that the weak model's answer will do.</summary>
    public IReadOnlyList<string> ScoreTokens { get; set; } = ["[[1]]", "[[2]]", "[[3]]", "[[4]]", "[[5]]"];

    /// <summary>Gets or sets the lowest score that speaks for the weak model: the win probability is 1 less the probability of this score or a higher one. The default is 4.</summary>
    public int ScoreThreshold { get; set; } = 4;

    /// <summary>Gets or sets how many tokens are generated at most until one is a score; if none is, the answer is not valid and the prompt goes to the strong model. The default is 6.</summary>
    public int MaxNewTokens { get; set; } = 6;

    /// <summary>Gets or sets how many tokens a request has at most, both messages included; of a prompt that is too long, the end is cut off. By default it is what tokenizer and model say, with room for <see cref="MaxNewTokens"/>.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>Gets or sets how the model is found, loaded and run; the defaults if <see langword="null"/>.</summary>
    public OnnxModelOptions? Model { get; set; }

    /// <summary>Gets or sets how prompts become tokens; the defaults if <see langword="null"/>.</summary>
    public PromptTokenizerOptions? Tokenizer { get; set; }

    /// <summary>Gets or sets how many prompts may wait, and how many run side by side; the defaults if <see langword="null"/>. Prompts run one at a time and not in batches: one alone, with its long messages, keeps a processor busy.</summary>
    public BatchingOptions? Batching { get; set; }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name);
        ArgumentNullException.ThrowIfNull(ScoreTokens);
        if (ScoreTokens.Count < 2)
        {
            throw new ArgumentException($"{nameof(ScoreTokens)} has {ScoreTokens.Count} tokens; two scores are needed at least.");
        }

        if (ScoreThreshold < 2 || ScoreThreshold > ScoreTokens.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(ScoreThreshold), ScoreThreshold, $"{nameof(ScoreThreshold)} is between 2 and the number of scores, {ScoreTokens.Count}.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxNewTokens, 1);
        if (MaxTokens is { } longest)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(longest, 1, nameof(MaxTokens));
        }
    }
}
